-- CreateEnum
CREATE TYPE "subscription_status" AS ENUM ('pending', 'active', 'unsubscribed');

-- CreateEnum
CREATE TYPE "cadence" AS ENUM ('daily', 'weekdays', 'weekly');

-- CreateEnum
CREATE TYPE "delivery_kind" AS ENUM ('digest', 'confirmation');

-- CreateEnum
CREATE TYPE "delivery_status" AS ENUM ('pending', 'sending', 'dotted', 'submitted', 'deferred', 'failed', 'suppressed', 'unknown', 'skipped');

-- CreateTable
CREATE TABLE "papers" (
    "id" SERIAL NOT NULL,
    "seq" INTEGER,
    "announced_at" TIMESTAMPTZ(3),
    "arxiv_id" TEXT,
    "doi" TEXT,
    "title_key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "abstract" TEXT NOT NULL,
    "authors" TEXT[],
    "categories" TEXT[],
    "keywords" TEXT[],
    "sources" TEXT[],
    "version" INTEGER,
    "url" TEXT NOT NULL,
    "pdf_url" TEXT,
    "code_url" TEXT,
    "project_url" TEXT,
    "upvotes" INTEGER,
    "stars" INTEGER,
    "comments" INTEGER,
    "published_at" TIMESTAMPTZ(3),
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "terms" tsvector,

    CONSTRAINT "papers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sources" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_run_at" TIMESTAMPTZ(3),
    "last_paper_at" TIMESTAMPTZ(3),

    CONSTRAINT "sources_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sightings" (
    "id" BIGSERIAL NOT NULL,
    "paper_id" INTEGER NOT NULL,
    "source_id" INTEGER NOT NULL,
    "external_id" TEXT NOT NULL,
    "version" INTEGER,
    "upvotes" INTEGER,
    "stars" INTEGER,
    "comments" INTEGER,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sightings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscribers" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "email" TEXT NOT NULL,
    "address_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "subscribers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscriptions" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subscriber_id" UUID NOT NULL,
    "status" "subscription_status" NOT NULL DEFAULT 'pending',
    "trending" BOOLEAN NOT NULL DEFAULT false,
    "cadence" "cadence" NOT NULL DEFAULT 'daily',
    "weekday" INTEGER NOT NULL DEFAULT 1,
    "local_minute" INTEGER NOT NULL DEFAULT 420,
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "max_papers" INTEGER NOT NULL DEFAULT 20,
    "watermark" INTEGER NOT NULL DEFAULT 0,
    "next_due_at" TIMESTAMPTZ(3),
    "next_date" DATE,
    "last_date" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),
    "unsubscribed_at" TIMESTAMPTZ(3),

    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscription_requests" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subscription_id" UUID NOT NULL,
    "order" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),

    CONSTRAINT "subscription_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "topics" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subscription_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,

    CONSTRAINT "topics_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subscription_id" UUID NOT NULL,
    "kind" "delivery_kind" NOT NULL DEFAULT 'digest',
    "edition" TEXT NOT NULL,
    "status" "delivery_status" NOT NULL DEFAULT 'pending',
    "paper_ids" INTEGER[],
    "sections" JSONB NOT NULL DEFAULT '[]',
    "to_seq" INTEGER NOT NULL DEFAULT 0,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "lease_expires_at" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3),
    "response" TEXT,
    "message_id" TEXT,
    "planned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "submitted_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "suppressions" (
    "address_hash" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "detail" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "suppressions_pkey" PRIMARY KEY ("address_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "papers_seq_key" ON "papers"("seq");

-- CreateIndex
CREATE UNIQUE INDEX "papers_arxiv_id_key" ON "papers"("arxiv_id");

-- CreateIndex
CREATE UNIQUE INDEX "papers_doi_key" ON "papers"("doi");

-- CreateIndex
CREATE INDEX "papers_title_key_idx" ON "papers"("title_key");

-- CreateIndex
CREATE INDEX "papers_announced_at_idx" ON "papers"("announced_at");

-- CreateIndex
CREATE INDEX "papers_terms_idx" ON "papers" USING GIN ("terms");

-- CreateIndex
CREATE UNIQUE INDEX "sources_name_key" ON "sources"("name");

-- CreateIndex
CREATE INDEX "sightings_observed_at_idx" ON "sightings"("observed_at");

-- CreateIndex
CREATE UNIQUE INDEX "sightings_paper_id_source_id_observed_at_key" ON "sightings"("paper_id", "source_id", "observed_at");

-- CreateIndex
CREATE UNIQUE INDEX "subscribers_address_key_key" ON "subscribers"("address_key");

-- CreateIndex
CREATE UNIQUE INDEX "subscriptions_subscriber_id_key" ON "subscriptions"("subscriber_id");

-- CreateIndex
CREATE INDEX "subscriptions_next_due_at_idx" ON "subscriptions"("next_due_at");

-- CreateIndex
CREATE INDEX "subscription_requests_subscription_id_idx" ON "subscription_requests"("subscription_id");

-- CreateIndex
CREATE UNIQUE INDEX "topics_subscription_id_position_key" ON "topics"("subscription_id", "position");

-- CreateIndex
CREATE INDEX "deliveries_status_next_attempt_at_idx" ON "deliveries"("status", "next_attempt_at");

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_subscription_id_kind_edition_key" ON "deliveries"("subscription_id", "kind", "edition");

-- AddForeignKey
ALTER TABLE "sightings" ADD CONSTRAINT "sightings_paper_id_fkey" FOREIGN KEY ("paper_id") REFERENCES "papers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sightings" ADD CONSTRAINT "sightings_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_subscriber_id_fkey" FOREIGN KEY ("subscriber_id") REFERENCES "subscribers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription_requests" ADD CONSTRAINT "subscription_requests_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "topics" ADD CONSTRAINT "topics_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
