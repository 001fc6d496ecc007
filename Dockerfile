# routecli in a container: `docker build -t routecli .`, then as docs/installing.md says.
FROM python:3.12-slim-bookworm AS build
COPY . /src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /src

FROM python:3.12-slim-bookworm
# bubblewrap: the sandbox. git: what every repository is read by.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl && rm -r /wheels
# The mounted repository belongs to a user of the host's, whose number this one may not have.
RUN git config --system --add safe.directory /repo && useradd --create-home --uid 1000 routecli
USER routecli
WORKDIR /repo
ENTRYPOINT ["routecli"]
