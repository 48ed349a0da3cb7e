package dev.nagare.streaming;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFolder;
import dev.nagare.models.repository.VersionPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What answers for a model of the repository, at one moment. Immutable: a change makes another one,
 * and one reference is swapped.
 *
 * @param versions that can be asked for, oldest first, at least one
 * @param stable the one that answers requests without a version
 * @param trial the canary that answers some of them instead; null for none
 * @param policy of the model
 * @param regular versions that are served by the policy rather than as a canary
 */
record Served(
    List<ServedVersion> versions,
    ServedVersion stable,
    @Nullable Trial trial,
    VersionPolicy policy,
    Set<Long> regular) {

  Served {
    versions = versions.stream().sorted(Comparator.comparingLong(ServedVersion::number)).toList();
    regular = Set.copyOf(regular);
  }

  /**
   * What a folder says.
   *
   * @param loaded of what it wants, at least one, or {@code before} is something
   * @param failed whether something that it wants is not among them: then nothing is taken out that
   *     answered before
   */
  static Served of(
      ModelFolder folder,
      @Nullable Served before,
      List<ServedVersion> loaded,
      boolean failed,
      StreamingObserver told) {
    List<ServedVersion> all = new ArrayList<>(loaded);
    Set<Long> regular = new HashSet<>();
    folder.regular().forEach(found -> regular.add(found.version()));
    if (failed && before != null) {
      before.versions.stream().filter(old -> find(loaded, old.number()) == null).forEach(all::add);
      regular.addAll(before.regular);
    }
    ServedVersion stable = find(all, folder.regular().getLast().version());
    if (stable == null) {
      stable = before == null ? null : find(all, before.stable.number());
    }
    if (stable == null) { // the newest cannot be loaded, and nothing answered before
      stable =
          all.stream()
              .filter(one -> regular.contains(one.number()))
              .max(Comparator.comparingLong(ServedVersion::number))
              .orElseGet(all::getFirst);
    }
    CanaryShare share = folder.says().canary();
    Trial trial = trial(share, failed, before, all, stable, told);
    return new Served(all, stable, trial, folder.says().versions(), regular);
  }

  private static @Nullable Trial trial(
      @Nullable CanaryShare share,
      boolean failed,
      @Nullable Served before,
      List<ServedVersion> all,
      ServedVersion stable,
      StreamingObserver told) {
    Trial now = before == null ? null : before.trial;
    ServedVersion canary = share == null ? null : find(all, share.version());
    if (share == null || canary == null || canary.equals(stable)) {
      // One that a call began ends, unless what the folder wants cannot be had.
      boolean same = failed && now != null && all.contains(now.canary()) && now.isAgainst(stable);
      return same ? now : null;
    }
    return now != null && now.isOf(stable, canary, share)
        ? now
        : new Trial(stable, canary, share, told);
  }

  private static @Nullable ServedVersion find(List<ServedVersion> versions, long number) {
    for (ServedVersion version : versions) {
      if (version.number() == number) {
        return version;
      }
    }
    return null;
  }

  /** A version; null if it is not served. */
  @Nullable ServedVersion find(long number) {
    return find(versions, number);
  }

  /** With another canary, or a first one. */
  Served with(ServedVersion canary, CanaryShare share, StreamingObserver told) {
    List<ServedVersion> next = new ArrayList<>(withoutCanary().versions);
    if (!next.contains(canary)) {
      next.add(canary);
    }
    return new Served(next, stable, new Trial(stable, canary, share, told), policy, regular);
  }

  /** Without a canary; its version leaves, unless the policy serves it anyway. */
  Served withoutCanary() {
    Trial now = trial;
    List<ServedVersion> next =
        now == null
            ? versions
            : versions.stream()
                .filter(one -> !one.equals(now.canary()) || regular.contains(one.number()))
                .toList();
    return new Served(next, stable, null, policy, regular);
  }

  /** With this version, which was the canary, as the stable one, beside what the policy leaves. */
  Served promoted(ServedVersion canary) {
    List<Long> others =
        versions.stream().filter(one -> !one.equals(canary)).map(ServedVersion::number).toList();
    List<Long> beside = policy.beside(others);
    List<ServedVersion> next =
        versions.stream()
            .filter(one -> one.equals(canary) || beside.contains(one.number()))
            .toList();
    return new Served(
        next,
        canary,
        null,
        policy,
        next.stream().map(ServedVersion::number).collect(Collectors.toSet()));
  }
}
