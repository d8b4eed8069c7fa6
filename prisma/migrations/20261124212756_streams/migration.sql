-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN     "attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "uncertain" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "subscriptions" ADD COLUMN     "note_when_empty" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "streams" (
    "key" TEXT NOT NULL,
    "paused_until" TIMESTAMPTZ(3),
    "reason" TEXT,
    "strikes" INTEGER NOT NULL DEFAULT 0,
    "gap_ms" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "streams_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "stream_shares" (
    "key" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "connections" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stream_shares_pkey" PRIMARY KEY ("key","holder")
);

-- CreateTable
CREATE TABLE "markers" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "markers_pkey" PRIMARY KEY ("name")
);
