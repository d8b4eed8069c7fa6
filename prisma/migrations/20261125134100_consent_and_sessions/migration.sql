-- How often the links to a reader's page were revoked.
ALTER TABLE "subscriptions" ADD COLUMN "manage_revision" INTEGER NOT NULL DEFAULT 0;

-- The address as it was written in the request. Null in requests of before.
ALTER TABLE "subscription_requests" ADD COLUMN "email" TEXT;

-- What was asked for never changes: a button confirms what its mail was sent for.
-- (Scripts are cut at semicolons when they are applied, so that those inside of texts are written \x3b.)
CREATE FUNCTION "refuse_changed_request"() RETURNS trigger LANGUAGE plpgsql
  AS E'BEGIN RAISE EXCEPTION \'a request never changes\'\x3b END';
CREATE TRIGGER "subscription_requests_never_change" BEFORE UPDATE ON "subscription_requests" FOR EACH ROW
  WHEN (OLD."order" IS DISTINCT FROM NEW."order" OR OLD."subscription_id" <> NEW."subscription_id"
    OR OLD."email" IS DISTINCT FROM NEW."email" OR OLD."created_at" <> NEW."created_at"
    OR OLD."requested_from" IS DISTINCT FROM NEW."requested_from")
  EXECUTE FUNCTION "refuse_changed_request"();

-- Sessions of the administration. The cookie itself is not kept.
CREATE TABLE "admin_sessions" (
    "id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "previous_hash" TEXT,
    "rotated_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "admin_sessions_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "admin_sessions_token_hash_key" ON "admin_sessions"("token_hash");

-- What relays answered names the reader, and the list of suppressions outlives the reader's erasure.
UPDATE "suppressions" SET "detail" = regexp_replace("detail", E'[^[:space:]<>"\x27:\x3b,()]+@', '…@', 'g')
  WHERE "detail" LIKE '%@%';

-- Links to readers' pages that were mailed before had no end: they get one, counted from here.
INSERT INTO "markers" ("name", "at") VALUES ('endless_manage_links', now()) ON CONFLICT DO NOTHING;
