package dev.nagare.streaming.kafka;

import java.util.List;

/**
 * Topics, or a cluster, that are not as they must be: all faults at once, each with the command
 * that mends it.
 */
public final class TopicFaultsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TopicFaultsException(List<String> faults) {
    super(String.join("; ", faults));
  }
}
