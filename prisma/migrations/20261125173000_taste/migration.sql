-- CreateEnum
CREATE TYPE "mark_direction" AS ENUM ('more', 'less');

-- AlterTable
ALTER TABLE "subscriptions" ADD COLUMN     "for_you" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "marks" (
    "id" SERIAL NOT NULL,
    "subscription_id" UUID NOT NULL,
    "direction" "mark_direction" NOT NULL,
    "key" TEXT NOT NULL,
    "marked_at" TEXT NOT NULL,
    "paper_id" INTEGER,
    "title" TEXT NOT NULL,
    "abstract" TEXT NOT NULL DEFAULT '',
    "authors" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "words" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "marks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tastes" (
    "subscription_id" UUID NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "made_revision" INTEGER NOT NULL DEFAULT -1,
    "struck" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "pinned" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "terms" TEXT NOT NULL DEFAULT '',
    "weights" BYTEA NOT NULL DEFAULT '\x',

    CONSTRAINT "tastes_pkey" PRIMARY KEY ("subscription_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "marks_subscription_id_key_key" ON "marks"("subscription_id", "key");

-- CreateIndex
CREATE INDEX "marks_paper_id_idx" ON "marks"("paper_id");

-- AddForeignKey
ALTER TABLE "marks" ADD CONSTRAINT "marks_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "marks" ADD CONSTRAINT "marks_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tastes" ADD CONSTRAINT "tastes_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
