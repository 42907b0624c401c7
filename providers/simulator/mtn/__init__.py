"""MTN's MoMo Open API: tokens by Basic auth, orders by X-Reference-Id, callbacks with no signature."""
