package dev.nagare.models.repository;

import java.util.List;

/** A repository cannot be read; every fault that was found is in the message, one per line. */
public final class RepositoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates a refusal of at least one fault, each with its place and remedy. */
  public RepositoryException(List<String> faults) {
    super(String.join("\n", faults));
  }
}
