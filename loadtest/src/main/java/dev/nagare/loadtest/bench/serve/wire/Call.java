package dev.nagare.loadtest.bench.serve.wire;

/**
 * A request as it goes over the wire: all of it for HTTP/1.1, the message for gRPC.
 *
 * @param bytes not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares two
public record Call(byte[] bytes) {}
