# Server, worker and CLI in one image: `docker run … serve`, `worker`, `migrate`, `backup`, …
# By its digest: the tag may be given to another image. The product runs on the Node.js of its own lock file.
FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

WORKDIR /opt/arcadia
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
COPY bin bin
COPY migrations migrations
COPY src src
# Otherwise built at the first start, where the server may not write.
RUN node_modules/.bin/node src/main/dashboard/build.ts

# An ordinary user: PostgreSQL, which the image brings along, refuses to run as root.
RUN install -d -o node -g node -m 0700 /var/lib/arcadia
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 ARCADIA_DATA_DIR=/var/lib/arcadia
VOLUME /var/lib/arcadia
EXPOSE 4000

# Workers are drained first, then the database goes: up to 30 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["/opt/arcadia/node_modules/.bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((it) => process.exit(it.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/opt/arcadia/bin/arcadia"]
CMD ["serve"]
