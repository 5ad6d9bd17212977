# One image for every service: `docker build -t dateline .`, then `docker run dateline run enrich` and so on.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/dateline
# The dependencies first: this layer is rebuilt only when the lock changes.
COPY requirements.lock ./
RUN /opt/dateline/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY services ./services
COPY shared ./shared
RUN /opt/dateline/bin/pip install --no-deps --no-build-isolation .

# The same base again, with nothing of the build but its result.
FROM python:3.11-slim
RUN groupadd --gid 10001 dateline \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dateline
COPY --from=build /opt/dateline /opt/dateline
ENV PATH=/opt/dateline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["dateline"]
CMD ["--help"]
