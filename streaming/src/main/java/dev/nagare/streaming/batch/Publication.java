package dev.nagare.streaming.batch;

import dev.nagare.models.online.ModelSnapshot;
import dev.nagare.streaming.Lineage;

/**
 * The snapshot that answers now, with its lineage: one volatile reference to an immutable pair, so
 * that no reader ever sees the one without the other.
 *
 * <p>Any number of readers; one writer.
 */
public final class Publication implements AutoCloseable {

  /**
   * A snapshot and what it was made of.
   *
   * @param snapshot the publication's own lease keeps it until the next one
   * @param lineage of the snapshot
   */
  public record Published(ModelSnapshot snapshot, Lineage lineage) {}

  private volatile Published current;

  /** Publishes the first snapshot; takes over the caller's lease. */
  public Publication(ModelSnapshot snapshot, Lineage lineage) {
    current = new Published(snapshot, lineage);
  }

  /** What is published now, without a lease: for its version and lineage. */
  public Published peek() {
    return current;
  }

  /** What is published now, with a lease that the caller gives back. */
  Published lease() {
    Published published = current;
    while (!published.snapshot().retain()) {
      // Freed between the two reads: then there is a newer one, and rarely more than one.
      published = current;
    }
    return published;
  }

  /** One reference swap; takes over the caller's lease and gives back the old one. */
  public void publish(ModelSnapshot snapshot, Lineage lineage) {
    ModelSnapshot old = current.snapshot();
    current = new Published(snapshot, lineage);
    old.release();
  }

  /** Gives the last lease back; to be called once, when no reader is left. */
  @Override
  public void close() {
    current.snapshot().release();
  }
}
