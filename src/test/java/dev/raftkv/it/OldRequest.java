package dev.raftkv.it;

/** A request with an Idempotency-Key that an older version has answered with 200. */
record OldRequest(String method, String target, String body, String name, String answer) {}
