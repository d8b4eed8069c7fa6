-- Planning claims due subscriptions page after page in this order: without the id each page would sort all that are due.
DROP INDEX "subscriptions_next_due_at_idx";
CREATE INDEX "subscriptions_due_idx" ON "subscriptions"("next_due_at", "id") WHERE (status = 'active'::subscription_status);
