package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {

  private static Slot slot(long bytes, int first, int last) {
    Slot slot = Slot.inArena("s", DType.U8, Shape.of(bytes), false);
    slot.first = first;
    slot.last = last;
    return slot;
  }

  @Test
  void valuesThatAreNotNeededAtOnceShareBytes() {
    Slot a = slot(1024, 0, 1);
    Slot b = slot(1024, 1, 2);
    Slot c = slot(1024, 2, 3);
    assertThat(Placement.of(List.of(a, b, c))).isEqualTo(2048);
    assertThat(c.offset).isEqualTo(a.offset).isNotEqualTo(b.offset);
  }

  @Test
  void theSmallestGapThatHoldsAValueIsTaken() {
    Slot large = slot(4096, 0, 9);
    Slot wide = slot(2048, 0, 1);
    Slot between = slot(1536, 0, 9);
    Slot narrow = slot(1024, 0, 1);
    Slot last = slot(960, 0, 9);
    Slot later = slot(900, 2, 9);
    assertThat(Placement.of(List.of(large, wide, between, narrow, last, later))).isEqualTo(9664);
    assertThat(later.offset).isEqualTo(narrow.offset);
  }

  @Test
  void noTwoValuesOverlapThatAreNeededAtTheSameTime() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var slots = new ArrayList<Slot>();
      for (int i = 0; i < 40; i++) {
        int first = random.nextInt(30);
        slots.add(slot(random.nextInt(5000), first, first + random.nextInt(10)));
      }
      long end = Placement.of(slots);
      for (Slot a : slots) {
        assertThat(a.offset % 64).isZero();
        assertThat(a.offset + a.bytes()).isLessThanOrEqualTo(end);
        for (Slot b : slots) {
          boolean together = a != b && a.first <= b.last && b.first <= a.last;
          boolean apart = a.offset + a.bytes() <= b.offset || b.offset + b.bytes() <= a.offset;
          assertThat(!together || apart).as("seed %d: %s and %s", seed, a, b).isTrue();
        }
      }
    }
  }
}
