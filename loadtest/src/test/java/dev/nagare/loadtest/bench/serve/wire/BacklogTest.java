package dev.nagare.loadtest.bench.serve.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {

  @Test
  void whatCameFirstLeavesFirstHoweverManyWait() {
    var backlog = new Backlog();
    long in = 0;
    long out = 0;
    for (int round = 0; round < 2_000; round++) {
      for (int i = 0; i < 3; i++) {
        backlog.add(in++);
      }
      assertThat(backlog.remove()).isEqualTo(out++);
    }
    while (!backlog.isEmpty()) {
      assertThat(backlog.remove()).isEqualTo(out++);
    }
    assertThat(out).isEqualTo(in);
  }
}
