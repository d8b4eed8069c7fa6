-- AlterTable
ALTER TABLE "sources" ADD COLUMN     "reconcile_at" TIMESTAMPTZ(3),
ADD COLUMN     "watched_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- Sources that were there have been watched since they were added.
UPDATE "sources" SET "watched_since" = "created_at";

-- CreateTable
CREATE TABLE "source_days" (
    "source_id" INTEGER NOT NULL,
    "category" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "shown" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "repeated" INTEGER NOT NULL DEFAULT 0,
    "announced" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "filled" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "missing" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "faults" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "compared_at" TIMESTAMPTZ(3),
    "closed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "source_days_pkey" PRIMARY KEY ("source_id","category","day")
);

-- AddForeignKey
ALTER TABLE "source_days" ADD CONSTRAINT "source_days_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE CASCADE ON UPDATE CASCADE;
