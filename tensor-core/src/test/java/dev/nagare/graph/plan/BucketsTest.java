package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class BucketsTest {

  @Test
  void bucketsDoubleUpToSixteenAndThenGrowByTwelvePercentAtMost() {
    var buckets = new ArrayList<Long>();
    for (long bucket = 2; bucket < 40; bucket = Buckets.next(bucket)) {
      buckets.add(bucket);
    }
    assertThat(buckets).startsWith(2L, 4L, 8L, 16L, 17L, 19L, 21L, 23L);
    for (long bucket = 16; bucket < 100_000; bucket = Buckets.next(bucket)) {
      assertThat(Buckets.next(bucket))
          .isGreaterThan(bucket)
          .isLessThanOrEqualTo(bucket * 112 / 100);
    }
  }

  @Test
  void aBucketHoldsTheRowsAndNoSmallerOneDoes() {
    for (long rows = 1; rows < 3000; rows++) {
      long bucket = Buckets.of(rows);
      assertThat(bucket).isGreaterThanOrEqualTo(rows);
      assertThat(bucket == 2 || Buckets.of(bucket) == bucket).isTrue();
      assertThat(bucket == 2 || rows > 16 || bucket < 2 * rows).isTrue();
      assertThat(rows <= 16 || bucket * 100 <= rows * 112).isTrue();
    }
    assertThatThrownBy(() -> Buckets.of(0)).isInstanceOf(TensorException.class);
  }
}
