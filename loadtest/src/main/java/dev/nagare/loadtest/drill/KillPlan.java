package dev.nagare.loadtest.drill;

import dev.nagare.streaming.rehearsal.CrashPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Which kills a drill makes: every named point at least three times, if that many kills are asked
 * for, the rest at random moments. The same for the same seed.
 */
final class KillPlan {
  private static final int LEAST_PER_POINT = 3;
  private static final int RANDOM_WITHIN_MILLIS = 1500;
  private static final int FULL_DISK_ONE_IN = 6;

  private final Random random;

  KillPlan(long seed) {
    random = new Random(seed);
  }

  /** What becomes of the learner's folder before the next life. */
  enum Folder {
    /** It stays: the checkpoint is read from the local file. */
    KEPT,
    /** It is deleted: the checkpoint comes from the snapshots topic. */
    WIPED,
    /** The newest local file is spoiled: the same. */
    SPOILED,
    /**
     * It is deleted, and the registry's hash of the newest checkpoint is spoiled: the one before
     * counts, and what came after it is learned again.
     */
    NEWEST_LOST
  }

  /**
   * One kill.
   *
   * @param point where the process halts; null for SIGKILL at a random moment
   * @param checkpoints that are committed in that life before passages are counted
   * @param passage of the point, from 1
   * @param afterMillis of the random moment, since the life's first row
   * @param folder what becomes of the learner's folder afterwards
   * @param fullDisk checkpoints that find the disk full in that life
   */
  record Kill(
      @Nullable CrashPoint point,
      int checkpoints,
      int passage,
      int afterMillis,
      Folder folder,
      int fullDisk) {

    String label() {
      return point == null ? "random" : KillPlan.label(point);
    }
  }

  /** A point as people read it, such as {@code before-fsync}. */
  static String label(CrashPoint point) {
    return point.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kills, in order. */
  List<Kill> kills(int times) {
    CrashPoint[] points = CrashPoint.values();
    int each =
        Math.max(Math.min(LEAST_PER_POINT, times / points.length), times / 2 / points.length);
    List<@Nullable CrashPoint> chosen = new ArrayList<>();
    for (CrashPoint point : points) {
      chosen.addAll(Collections.nCopies(each, point));
    }
    // Fewer kills than points: some points, and no random moment.
    for (int i = 0; chosen.size() < times; i++) {
      chosen.add(each == 0 ? points[i % points.length] : null);
    }
    Collections.shuffle(chosen, random);
    List<Kill> kills = new ArrayList<>();
    for (CrashPoint point : chosen) {
      kills.add(kill(point, kills.size()));
    }
    return kills;
  }

  private Kill kill(@Nullable CrashPoint point, int index) {
    return new Kill(
        point,
        checkpoints(index),
        point == null ? 0 : 1 + random.nextInt(mostPassages(point)),
        random.nextInt(RANDOM_WITHIN_MILLIS),
        folder(index),
        random.nextInt(FULL_DISK_ONE_IN) == 0 ? 1 : 0);
  }

  /**
   * A model's very first checkpoint is of a state that has learned nothing, and has nothing to
   * forget: the first life sees a second one, or a single kill would show nothing.
   */
  private int checkpoints(int index) {
    int drawn = random.nextInt(3) == 0 ? 0 : 1;
    return index == 0 ? 2 : drawn;
  }

  private static Folder folder(int index) {
    if (index % 10 == 6) {
      return Folder.NEWEST_LOST;
    }
    if (index % 5 == 3) {
      return Folder.SPOILED;
    }
    return index % 2 == 0 ? Folder.KEPT : Folder.WIPED;
  }

  /** As many as a second sees. */
  private static int mostPassages(CrashPoint point) {
    return switch (point) {
      case MID_STEP -> 20;
      case BEFORE_PUBLICATION, AFTER_PUBLICATION, BEFORE_OUTPUT_COMMIT, AFTER_OUTPUT_COMMIT -> 4;
      default -> 2;
    };
  }
}
