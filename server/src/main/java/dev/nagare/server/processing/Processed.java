package dev.nagare.server.processing;

import dev.nagare.streaming.protocol.InferenceResponse;

/**
 * An answer in JSON.
 *
 * @param response of the model
 * @param json all of the answer
 */
@SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
public record Processed(InferenceResponse response, byte[] json) {}
