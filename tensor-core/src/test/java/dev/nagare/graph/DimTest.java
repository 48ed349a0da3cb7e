package dev.nagare.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DimTest {
  private static final Dim A = Dim.named("a");
  private static final Dim B = Dim.named("b");

  @Test
  void anExpressionIsTheSameInNumbersAsBound() {
    Map<String, Long> names = Map.of("a", 7L, "b", 3L);
    for (Dim dim :
        List.of(
            Dim.ZERO,
            Dim.of(-4),
            A,
            A.times(-2).plus(5),
            A.plus(B).minus(Dim.ONE),
            A.times(B).times(3),
            A.plus(1).times(B.minus(A)),
            A.plus(B.times(2)).floorDiv(4).plus(A),
            A.times(-1).floorDiv(2))) {
      assertThat(dim.in(numbers(names))).as("%s", dim).isEqualTo(dim.bind(names).value());
    }
  }

  private static Dim.Arithmetic<Long> numbers(Map<String, Long> names) {
    return new Dim.Arithmetic<>() {
      @Override
      public Long number(long value) {
        return value;
      }

      @Override
      public Long named(String name) {
        return names.getOrDefault(name, 0L);
      }

      @Override
      public Long plus(Long left, Long right) {
        return left + right;
      }

      @Override
      public Long times(Long left, Long right) {
        return left * right;
      }

      @Override
      public Long floorDiv(Long dividend, long divisor) {
        return Math.floorDiv(dividend, divisor);
      }
    };
  }
}
