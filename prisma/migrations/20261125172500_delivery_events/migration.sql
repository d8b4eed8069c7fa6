-- What happens to a delivery off the straight way from the claim to the relay: deferred, expired, settled and so on.
-- A mail that goes out at the first attempt writes nothing here
CREATE TABLE "delivery_events" (
    "id" BIGSERIAL NOT NULL,
    "delivery_id" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "response" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delivery_events_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "delivery_events_delivery_id_idx" ON "delivery_events"("delivery_id");

ALTER TABLE "delivery_events" ADD CONSTRAINT "delivery_events_delivery_id_fkey"
    FOREIGN KEY ("delivery_id") REFERENCES "deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;
