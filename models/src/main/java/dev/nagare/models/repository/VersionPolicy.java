package dev.nagare.models.repository;

import java.util.List;

/** Which of a model's versions are served. */
public sealed interface VersionPolicy {

  /** The newest alone. */
  VersionPolicy NEWEST = new Latest(1);

  /**
   * Those to serve.
   *
   * @param present versions of the folder, oldest first
   * @return some of them, oldest first
   */
  List<Long> of(List<Long> present);

  /**
   * Those that go on beside a version that was chosen by a call.
   *
   * @param others that are served, oldest first
   */
  List<Long> beside(List<Long> others);

  /**
   * The newest ones.
   *
   * @param count how many, 1 or more
   */
  record Latest(int count) implements VersionPolicy {
    @Override
    public List<Long> of(List<Long> present) {
      return newest(present, count);
    }

    @Override
    public List<Long> beside(List<Long> others) {
      return newest(others, count - 1);
    }

    private static List<Long> newest(List<Long> versions, int most) {
      return List.copyOf(versions.subList(Math.max(0, versions.size() - most), versions.size()));
    }
  }

  /** Every one. */
  record All() implements VersionPolicy {
    @Override
    public List<Long> of(List<Long> present) {
      return List.copyOf(present);
    }

    @Override
    public List<Long> beside(List<Long> others) {
      return List.copyOf(others);
    }
  }

  /**
   * Certain ones.
   *
   * @param versions that are to be there, at least one
   */
  record Specific(List<Long> versions) implements VersionPolicy {
    @Override
    public List<Long> of(List<Long> present) {
      return present.stream().filter(versions::contains).toList();
    }

    @Override
    public List<Long> beside(List<Long> others) {
      return List.copyOf(others);
    }
  }
}
