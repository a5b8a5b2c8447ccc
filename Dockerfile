# The image holds the program and nothing of an office: data and keys come as volumes (docs/how-to/install-with-docker.md).

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements-build.txt requirements-postgres.txt ./
RUN python -m venv /opt/zaidao \
 && /opt/zaidao/bin/pip install --require-hashes -r requirements-postgres.txt \
 && pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
 && /opt/zaidao/bin/pip install --no-deps --no-index wheels/*.whl

FROM python:3.11-slim
# Minutes as PDF are set in a Chinese font.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 zaidao \
 && useradd --system --uid 10001 --gid zaidao --home-dir /var/lib/zaidao --no-create-home --shell /usr/sbin/nologin zaidao \
 && install --directory --owner zaidao --group zaidao --mode 700 /var/lib/zaidao /var/lib/zaidao-keys /backups
COPY --from=build /opt/zaidao /opt/zaidao
# Compiled kernels are kept beside the data: the rest of the file system may be read-only.
ENV PATH=/opt/zaidao/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ZAIDAO_VAR=/var/lib/zaidao ZAIDAO_KEYS=/var/lib/zaidao-keys NUMBA_CACHE_DIR=/var/lib/zaidao/cache
USER zaidao
WORKDIR /var/lib/zaidao
VOLUME ["/var/lib/zaidao", "/var/lib/zaidao-keys"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ping/', timeout=4)"]
ENTRYPOINT ["zaidao"]
CMD ["serve", "--address", "0.0.0.0", "--no-worker"]
