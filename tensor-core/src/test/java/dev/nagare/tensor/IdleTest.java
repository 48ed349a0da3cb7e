package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdleTest {
  @Test
  void whatWasGivenBackIsTakenOnceHoweverMuchThereIs() {
    var idle = new Idle<Integer>();
    Set<Integer> taken = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      idle.giveBack(i);
    }
    for (Integer one = idle.take(); one != null; one = idle.take()) {
      assertThat(taken.add(one)).isTrue();
    }
    assertThat(taken).hasSize(200);
  }

  @Test
  void whoeverWasLastToGiveBackFindsItsOwn() {
    var idle = new Idle<String>();
    idle.giveBack("warm");
    assertThat(idle.take()).isEqualTo("warm");
    assertThat(idle.take()).isNull();
  }
}
