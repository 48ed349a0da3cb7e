package dev.nagare.server.processing;

import dev.nagare.models.text.TokenRows;
import dev.nagare.streaming.protocol.InferenceRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request that was made of what a caller sent, and what is to be remembered for its answer.
 *
 * @param request for the model
 * @param tokens of its texts; null for a picture
 * @param compare whether the caller wants to know how alike they are
 */
record Prepared(InferenceRequest request, @Nullable TokenRows tokens, boolean compare) {}
