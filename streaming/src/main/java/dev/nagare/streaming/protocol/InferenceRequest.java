package dev.nagare.streaming.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An inference request of the Open Inference Protocol.
 *
 * @param id echoed in the answer; null if the caller gave none
 * @param parameters values are String, Number or Boolean
 * @param inputs in the caller's order
 * @param outputs names of the outputs wanted; empty for all
 */
public record InferenceRequest(
    @Nullable String id,
    Map<String, Object> parameters,
    List<TensorData> inputs,
    List<String> outputs) {}
