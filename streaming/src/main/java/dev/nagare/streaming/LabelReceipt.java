package dev.nagare.streaming;

/**
 * What became of a label that was given.
 *
 * @param id of the prediction that it is about
 * @param receipt topic, partition and offset of the label; for a model that does not learn, {@code
 *     version-} and the number of the version that it scored, or {@code unmatched}
 */
public record LabelReceipt(String id, String receipt) {}
