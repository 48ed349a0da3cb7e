package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;
import static dev.nagare.tensor.kernel.TileLoops.EDGE;
import static dev.nagare.tensor.kernel.TileLoops.GROUP;
import static dev.nagare.tensor.kernel.TileLoops.PANEL;
import static dev.nagare.tensor.kernel.TileLoops.ROWS;
import static dev.nagare.tensor.kernel.TileLoops.STEP;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;

/**
 * A convolution of 3x3 with a quarter of the multiplications: see {@link TileLoops}. The weight is
 * transformed in f64 when it is packed. An image at a time, some rows of tiles at a time, so that
 * what lies between stays in the nearest caches.
 */
final class PreparedWinograd extends PlainPreparedKernel {
  private static final int POINTS = EDGE * EDGE;

  /** Tiles at a time, so that their points stay near: about, and where the weight is small. */
  private static final long TILES = 16;

  private static final long MOST_TILES = 64;

  private static final double ROOT = Math.sqrt(2);

  /** Rows are the points 0, √½, -√½, √2, -√2 and infinity. */
  private static final double[][] WEIGHTS = {
    {1, 0, 0},
    {-2 / 3.0, -ROOT / 3, -1 / 3.0},
    {-2 / 3.0, ROOT / 3, -1 / 3.0},
    {1 / 6.0, ROOT / 6, 1 / 3.0},
    {1 / 6.0, -ROOT / 6, 1 / 3.0},
    {0, 0, 1}
  };

  private final ConvolutionSpec spec;
  private final TileLoops loops;
  private final SimplePost post;
  private final long c;
  private final long o;
  private final long h;
  private final long w;
  private final long outH;
  private final long outW;
  private final long tilesX;
  private final long tilesY;
  private final long atATime; // rows of tiles
  private final long room; // tiles, those of a whole block counted
  private final long stripRow; // bytes

  PreparedWinograd(ConvolutionSpec spec, TileLoops loops) {
    super(Arguments.of(spec), "winograd 4x4");
    this.spec = spec;
    this.loops = loops;
    this.post = new SimplePost(spec.post());
    this.c = spec.c();
    this.o = spec.o();
    this.h = spec.h();
    this.w = spec.w();
    this.outH = spec.output().dim(1);
    this.outW = spec.output().dim(2);
    this.tilesX = (outW + STEP - 1) / STEP;
    this.tilesY = (outH + STEP - 1) / STEP;
    // as much as a large weight takes, which has to come from further away each time
    long tiles = Math.clamp(c * o / (c + o), TILES, MOST_TILES);
    this.atATime = Math.min(tilesY, Math.max(1, tiles / tilesX));
    this.room = Math.max(ROWS, atATime * tilesX);
    this.stripRow = 4 * c * (STEP * tilesX + 2);
  }

  @Override
  public long packedBytes() {
    return 4 * POINTS * c * o;
  }

  @Override
  public long scratchBytes() {
    return zeros() + EDGE * stripRow + 4 * POINTS * room * (c + o);
  }

  /** A row of an image, or a bias, of zeros. */
  private long zeros() {
    return 4 * Math.max(w * c, o);
  }

  /** {@code [O, C, 3, 3]} to panels {@code [36, C, columns]}. */
  @Override
  void pack(long weight, long packed) {
    double[] half = new double[3 * EDGE];
    for (long from = 0; from < o; from += PANEL) {
      long columns = Math.min(PANEL, o - from);
      long panel = packed + 4 * POINTS * c * from;
      for (long j = 0; j < columns; j++) {
        for (long channel = 0; channel < c; channel++) {
          halfway(weight + 36 * ((from + j) * c + channel), half);
          for (int p = 0; p < POINTS; p++) {
            double value = sum(WEIGHTS[p % EDGE], half, p / EDGE * 3);
            setFloat(panel, (p * c + channel) * columns + j, (float) value);
          }
        }
      }
    }
  }

  /** Down the three columns of a filter: {@code [6, 3]}. */
  private static void halfway(long filter, double[] half) {
    double[] column = new double[3];
    for (int j = 0; j < 3; j++) {
      for (int i = 0; i < 3; i++) {
        column[i] = getFloat(filter, 3L * i + j);
      }
      for (int i = 0; i < EDGE; i++) {
        half[3 * i + j] = sum(WEIGHTS[i], column, 0);
      }
    }
  }

  private static double sum(double[] factors, double[] of, int from) {
    return factors[0] * of[from] + factors[1] * of[from + 1] + factors[2] * of[from + 2];
  }

  @Override
  void compute(Places at) {
    Addresses.zero(at.scratch, zeros());
    long strip = at.scratch + zeros();
    long left = 4 * c * spec.window().left();
    long right = stripRow - left - 4 * c * w;
    for (int i = 0; i < EDGE; i++) {
      Addresses.zero(strip + i * stripRow, left);
      Addresses.zero(strip + (i + 1) * stripRow - right, right);
    }
    for (long n = 0; n < spec.n(); n++) {
      for (long row = 0; row < tilesY; row += atATime) {
        tiles(at, strip, n, row, Math.min(atATime, tilesY - row));
      }
    }
  }

  private void tiles(Places at, long strip, long n, long row, long rows) {
    long points = strip + EDGE * stripRow;
    long group = 4 * GROUP * room;
    long vPoint = 4 * c * room;
    long results = points + POINTS * vPoint;
    long mPoint = 4 * o * room;
    long left = strip + 4 * c * spec.window().left();
    for (long r = 0; r < rows; r++) {
      long first = STEP * (row + r) - spec.window().top();
      for (int i = 0; i < EDGE; i++) {
        boolean inside = first + i >= 0 && first + i < h;
        long image = at.inputs[0] + 4 * (n * h + first + i) * w * c;
        at.addresses[i] = inside ? image : at.scratch;
      }
      loops.down(at.addresses, left, stripRow, w * c);
      for (int i = 0; i < EDGE; i++) {
        long to = points + i * (EDGE * vPoint) + 4 * GROUP * r * tilesX;
        loops.along(strip + i * stripRow, to, vPoint, group, tilesX, c);
      }
    }
    int tiles = (int) (rows * tilesX);
    for (long from = 0; from < o; from += PANEL) {
      int columns = (int) Math.min(PANEL, o - from);
      long u = at.weight + 4 * POINTS * c * from;
      long to = results + 4 * from;
      loops.products(tiles, columns, points, vPoint, group, u, to, mPoint, 4 * o, c);
    }
    for (int j = 0; j < EDGE; j++) {
      loops.up(results + j * mPoint, EDGE * mPoint, rows * tilesX * o);
    }
    long bias = spec.bias() ? at.bias : at.scratch;
    for (long r = 0; r < rows; r++) {
      for (int i = 0; i < STEP && STEP * (row + r) + i < outH; i++) {
        long place = 4 * (n * outH + STEP * (row + r) + i) * outW * o;
        long operand = post.operand < 0 ? 0 : at.operands[post.operand] + place;
        long from = results + i * (EDGE * mPoint) + 4 * o * r * tilesX;
        loops.across(post.least, from, mPoint, bias, operand, at.output + place, o, outW);
      }
    }
  }
}
