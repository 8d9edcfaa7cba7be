# spendwise alone: it samples from servers elsewhere and starts trainers that are commands, jobs or services.
#   docker build -t spendwise . && docker run --rm -it -u "$(id -u):$(id -g)" -v "$PWD:/work" spendwise quickstart
# For a trainer in the same container, start from an image with CUDA and Python, and add recipes/requirements.lock.txt to it.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY . .
RUN npm pack --pack-destination /package

FROM node:24.21.0-bookworm-slim
COPY --from=build /package /package
RUN npm install --global --no-audit --no-fund --ignore-scripts /package/spendwise-*.tgz && rm -r /package
ENV HOME=/tmp
WORKDIR /work
ENTRYPOINT ["spendwise"]
