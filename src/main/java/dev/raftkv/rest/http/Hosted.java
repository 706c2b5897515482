package dev.raftkv.rest.http;

import dev.raftkv.ops.HttpMeter;

/** An operation with what measures it. */
public record Hosted(Operation operation, HttpMeter.Endpoint meter) {}
