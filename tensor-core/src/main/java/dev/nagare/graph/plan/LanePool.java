package dev.nagare.graph.plan;

import dev.nagare.tensor.Idle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames of all lanes of a {@link PlanFamily}: as many as lanes ever ran at once, of whichever
 * versions. Under the family's lock, but for {@link #takeIdle} and {@link #giveBack}, which lanes
 * call for each run.
 */
final class LanePool implements AutoCloseable {
  private final PlanFamily family;
  private final List<LaneFrames> lanes = new ArrayList<>();
  private final Idle<LaneFrames> idle = new Idle<>();

  LanePool(PlanFamily family) {
    this.family = family;
  }

  /** Frames that nobody runs, until they are given back; null if there are none. */
  @Nullable LaneFrames takeIdle() {
    return idle.take();
  }

  void giveBack(LaneFrames lane) {
    lane.rest();
    idle.giveBack(lane);
  }

  int size() {
    return lanes.size();
  }

  /**
   * Opens frames for one more lane. None runs: in a cold JVM a run of the largest takes half a
   * second and warms nothing that those of a small one do not.
   *
   * @param largestFirst the plans; the memory of the largest is the others', too
   */
  LaneFrames open(Collection<PlanEntry> largestFirst) {
    var lane = new LaneFrames(family);
    try {
      for (PlanEntry entry : largestFirst) {
        lane.add(entry, lane.open(entry));
      }
    } catch (RuntimeException | Error e) {
      lane.close();
      throw e;
    }
    lanes.add(lane);
    return lane;
  }

  /** Opens a frame of another plan for every lane, or for none. */
  void add(PlanEntry entry) {
    Map<LaneFrames, Frame> frames = new HashMap<>();
    try {
      lanes.forEach(lane -> frames.put(lane, lane.open(entry)));
    } catch (RuntimeException | Error e) {
      frames.values().forEach(Frame::close);
      throw e;
    }
    frames.forEach((lane, frame) -> lane.add(entry, frame));
  }

  /** Takes the frames of a plan from the lanes; one that is at work closes its own afterwards. */
  void retire(PlanEntry entry) {
    lanes.forEach(lane -> lane.retire(entry));
    if (lanes.stream().anyMatch(LaneFrames::hasManyRetired)) {
      closeRetired();
    }
  }

  /** Of lanes that wait: some may do so for days. */
  private void closeRetired() {
    List<LaneFrames> waiting = new ArrayList<>();
    for (LaneFrames lane = idle.take(); lane != null; lane = idle.take()) {
      lane.closeRetired();
      waiting.add(lane);
    }
    waiting.forEach(idle::giveBack);
  }

  /** Closes the frames of all; no lane may be at work. */
  @Override
  public void close() {
    lanes.forEach(LaneFrames::close);
    lanes.clear();
  }
}
