package dev.nagare.streaming.protocol;

/**
 * A request as it came over the wire.
 *
 * @param request for the model
 * @param form for the answer
 */
public record InferenceCall(InferenceRequest request, AnswerForm form) {}
