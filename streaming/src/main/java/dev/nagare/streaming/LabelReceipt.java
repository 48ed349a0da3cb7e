package dev.nagare.streaming;

/**
 * Where a label is in the log.
 *
 * @param id of the prediction that it is about
 * @param receipt topic, partition and offset of the label
 */
public record LabelReceipt(String id, String receipt) {}
