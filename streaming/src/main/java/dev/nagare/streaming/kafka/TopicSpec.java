package dev.nagare.streaming.kafka;

/**
 * What a topic must be like.
 *
 * @param name of the topic
 * @param cleanup what the broker may remove
 * @param why in a few words, for the person who has to mend it: "the records that pulse learns
 *     from"
 */
public record TopicSpec(String name, Cleanup cleanup, String why) {

  /** What the broker may remove from a topic; all topics have one partition. */
  public enum Cleanup {
    /** Anything, by age or size: what is gone has been learned or read. */
    DELETE,
    /** Only what a later record of the same key supersedes. */
    COMPACT
  }
}
