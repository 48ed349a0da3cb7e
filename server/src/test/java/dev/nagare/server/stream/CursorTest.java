package dev.nagare.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.FakeModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CursorTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Takes frames and sees that nothing is lost, repeated or sent without room and credit. */
  private static final class Taker implements Cursor.Outlet {
    private final long seed;
    boolean room = true;
    long had;
    long allowed = Long.MAX_VALUE;
    long told;

    Taker(long seed, long had) {
      this.seed = seed;
      this.had = had;
    }

    @Override
    public boolean hasRoom() {
      return room;
    }

    @Override
    public void send(String frame) {
      try {
        JsonNode event = JSON.readTree(frame);
        long missed = event.path("missed").asLong();
        assertThat(room && allowed > 0).as("seed %d: may be sent", seed).isTrue();
        assertThat(event.get("number").asLong())
            .as("seed %d: after %d", seed, had)
            .isEqualTo(had + missed + 1);
        had = event.get("number").asLong();
        told += missed;
        allowed--;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void everyEventIsSentOnceInOrderOrCountedAsMissed() {
    for (long seed = 1; seed <= 200; seed++) {
      run(new Random(seed), seed);
    }
  }

  private static void run(Random random, long seed) {
    var history = new History("pulse");
    long start = random.nextInt(50);
    var taker = new Taker(seed, start);
    boolean limited = random.nextBoolean();
    taker.allowed = limited ? 0 : Long.MAX_VALUE;
    long[] counted = {0};
    var cursor =
        new Cursor(
            history, taker, missed -> counted[0] += missed, start + 1, limited ? 0 : Command.NONE);
    long number = start;
    long highest = start;
    for (int step = 0; step < 60; step++) {
      switch (random.nextInt(5)) {
        case 0 -> taker.room = !taker.room;
        case 1 -> {
          if (limited) {
            long more = 1L + random.nextInt(300);
            taker.allowed += more;
            cursor.credit(more);
          }
        }
        case 2 -> number = Math.max(0, number - random.nextInt(20)); // a learner fell back
        case 3 -> number += random.nextInt(3); // the loop was behind, and the model dropped some
        default -> {
          for (int count = random.nextInt(400); count > 0; count--) {
            history.add(FakeModel.event(++number));
          }
        }
      }
      highest = Math.max(highest, number);
      cursor.advance();
    }
    while (number <= highest) {
      history.add(FakeModel.event(++number));
    }
    taker.room = true;
    if (limited) {
      taker.allowed = Long.MAX_VALUE;
      cursor.credit(Long.MAX_VALUE);
    }
    cursor.advance();
    assertThat(taker.had).as("seed %d", seed).isEqualTo(highest + 1);
    assertThat(counted[0]).as("seed %d: missed", seed).isEqualTo(taker.told);
  }

  @Test
  void aHistoryGivesItsNewestEvents() {
    var history = new History("pulse");
    assertThat(history.newest()).isEqualTo(-1);
    assertThat(history.last(5)).isEqualTo(-1);
    assertThat(history.from(0)).isNull();
    for (int number = 1; number <= History.MOST + 3; number++) {
      history.add(FakeModel.event(number));
    }
    assertThat(history.last(0)).isEqualTo(-1);
    assertThat(history.last(2)).isEqualTo(History.MOST + 2);
    assertThat(history.last(Long.MAX_VALUE)).isEqualTo(4);
    assertThat(history.newest()).isEqualTo(History.MOST + 3);
  }
}
