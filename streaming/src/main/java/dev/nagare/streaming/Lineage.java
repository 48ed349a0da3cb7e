package dev.nagare.streaming;

/**
 * Which records made a version: those of one partition from {@code firstOffset} on and before
 * {@code nextOffset}, but for the refused and the quarantined ones, which the dead-letter topic
 * names one by one.
 *
 * @param topic read
 * @param partition read
 * @param firstOffset where the model's life began
 * @param nextOffset next to learn
 * @param examples records that were learned from
 * @param refused records that could not be
 * @param quarantined records whose step a guard took back
 */
public record Lineage(
    String topic,
    int partition,
    long firstOffset,
    long nextOffset,
    long examples,
    long refused,
    long quarantined) {

  /** The next offset to learn, as answers have it: {@code topic-partition:offset}. */
  public String trainedThrough() {
    return topic + "-" + partition + ":" + nextOffset;
  }
}
