package dev.nagare.streaming.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
  private static final long MOST = AnswerCache.LEAST_BYTES;

  private final Requests requests = new Requests();
  private final AtomicReference<Object> edition = new AtomicReference<>("first");
  private final AnswerCache cache = new AnswerCache(MOST, edition::get);

  @Test
  void whatItHoldsStaysWithinItsBytesHoweverMuchIsPut() {
    long seed = 11;
    var random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      cache.now().put(asked(new float[1 + random.nextInt(50)], i), answer(1 + random.nextInt(200)));
      assertThat(cache.now().bytesKept()).as("seed %s, put %s", seed, i).isBetween(1L, MOST);
    }
    assertThat(cache.now().bytesKept()).as("and is not wasted").isGreaterThan(MOST / 2);
  }

  @Test
  void anEntryCountsWhatWasAskedAndWhatWasAnswered() {
    Asked asked = asked(new float[100], 1);
    InferenceResponse answer = answer(250);
    assertThat(AnswerCache.bytes(asked, answer)).isBetween(100 * 4 + 250 * 4L, 350 * 4 + 1_000L);
  }

  @Test
  void anAnswerThatDoesNotFitIsNotKept() {
    Asked asked = asked(new float[1], 1);
    cache.now().put(asked, answer((int) MOST));
    assertThat(cache.now().find(asked)).isNull();
    assertThat(cache.now().bytesKept()).isZero();
  }

  @Test
  void otherWeightsForgetEverythingAtOnce() {
    Asked asked = asked(new float[1], 1);
    AnswerCache.Answers first = cache.now();
    first.put(asked, answer(1));
    assertThat(cache.now().find(asked)).isNotNull();
    edition.set("second");
    assertThat(cache.now()).isNotSameAs(first).isSameAs(cache.now());
    assertThat(cache.now().find(asked)).isNull();
    first.put(asked, answer(1)); // by whoever still has the old ones
    assertThat(cache.now().find(asked)).isNull();
  }

  @Test
  void whatIsUnderWayIsBoundedToo() {
    Asked half = asked(new float[(int) MOST / 8 / 4 / 2], 0);
    assertThat(cache.underWay().fits(half.size())).isTrue();
    assertThat(cache.underWay().fits(MOST / 8 + 1)).isFalse();
    assertThat(cache.underWay().begin(half)).isTrue();
    assertThat(cache.underWay().begin(half)).as("names take a little").isFalse();
    cache.underWay().end(half);
    assertThat(cache.underWay().begin(half)).isTrue();
  }

  @Test
  void tooFewBytesAreRefused() {
    assertThatThrownBy(() -> new AnswerCache(MOST - 1, edition::get))
        .hasMessage("cache: expected at least 65536 bytes, got 65535");
  }

  private Asked asked(float[] values, int first) {
    values[0] = first;
    try (InferenceRequest request = requests.request(values)) {
      return Asked.of(request);
    }
  }

  private static InferenceResponse answer(int values) {
    return Requests.answer("1", "a", new float[values]);
  }
}
