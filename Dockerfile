# Builds with everything, then keeps what the service needs. `docker build -t paperboy .`
FROM node:24-bookworm-slim AS build
WORKDIR /paperboy
COPY . .
# Installs, generates and builds; then what only that needed goes: browser, linter, compilers, Prisma's command line, the embedded
# Postgres (set DATABASE_URL) and what Prisma's client has for other databases. /data is made here to be copied with its owner.
RUN node apps/cli/bin/setup.mjs \
  && npm prune --omit=dev --omit=peer --omit=optional --no-audit --no-fund --loglevel=error \
  && find node_modules/@prisma/client/runtime -regex '.*\.\(cockroachdb\|mysql\|sqlite\|sqlserver\)\..*' -delete \
  && mkdir ../data

FROM node:24-bookworm-slim
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV PAPERBOY_DATA_DIR=/data
WORKDIR /paperboy
COPY --from=build /paperboy /paperboy
COPY --from=build --chown=node:node /data /data
USER node
EXPOSE 3000
# An API answers on PORT, a worker without one on WORKER_PORT.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "apps/cli/bin/health.mjs"]
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=60", "apps/cli/bin/paperboy.mjs", "start"]
