package dev.nagare.streaming;

import java.util.List;
import java.util.Map;

/**
 * One record that went through the learner, for those who watch.
 *
 * @param number of the record among all that the model learned in its life, from 1 on: without
 *     gaps, and the same wherever it is learned; what a learner that fell back learns again comes
 *     again under its number
 * @param version after the record
 * @param partition of the record
 * @param offset of the record
 * @param timestampMillis of the record, milliseconds since the epoch
 * @param features names of the values, in order
 * @param truth the record's values, raw units
 * @param scoredForecast what had been predicted for this record; empty before the first prediction
 * @param forecast of the next records, or the probabilities of this one's classes; empty until the
 *     window is full
 * @param loss of the step, normalised units
 * @param learningRate of the step
 * @param gradientNorm of the step, before clipping
 * @param measure what the scores are: {@code mae} (lower is better) or {@code accuracy}
 * @param windowed scores over the last rows, by who predicted: the model first, then the baselines
 * @param fading fading scores by the same names
 */
public record LearningEvent(
    long number,
    long version,
    int partition,
    long offset,
    long timestampMillis,
    List<String> features,
    List<Float> truth,
    List<Float> scoredForecast,
    List<Float> forecast,
    float loss,
    float learningRate,
    float gradientNorm,
    String measure,
    Map<String, Double> windowed,
    Map<String, Double> fading) {}
