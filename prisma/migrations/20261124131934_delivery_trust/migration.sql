-- AlterTable
ALTER TABLE "subscription_requests" ADD COLUMN     "confirmed_from" TEXT,
ADD COLUMN     "requested_from" TEXT;

-- CreateTable
CREATE TABLE "bounces" (
    "delivery_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT,
    "reason" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bounces_pkey" PRIMARY KEY ("delivery_id","kind")
);

-- CreateTable
CREATE TABLE "throttles" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "window_ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "throttles_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "papers_merged_into_idx" ON "papers"("merged_into");

-- AddForeignKey
ALTER TABLE "bounces" ADD CONSTRAINT "bounces_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;
