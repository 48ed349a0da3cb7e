package dev.nagare.tensor.kernel;

/**
 * The innermost F32 loops of prepared kernels that take tiles of something: of an image ({@link
 * PreparedWinograd}), of a weight ({@link PlainPreparedRecurrence}).
 *
 * <p>Those of an image are F(4x4, 3x3) of Winograd's minimal filtering with the points 0, ±√½, ±√2
 * and infinity (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015). A tile
 * of 6x6 numbers becomes 36 points, a product over the channels is taken in each point, and 36
 * points become 4x4 results.
 *
 * <p>Arguments are checked already and given as addresses, strides in bytes; counts of channels are
 * multiples of {@value Loops#PARTIALS}. The order of operations is part of the contract: as written
 * in {@link ScalarTiles}; an element of a product is one chain of fused multiply-adds in the order
 * of the channels, beginning with zero. So no bit depends on a width or on the other tiles.
 */
interface TileLoops {
  /** Points of a tile along each axis. */
  int EDGE = 6;

  /** Results of a tile along each axis. */
  int STEP = 4;

  /** Columns of a panel of the weight; the last panel may have half as many. */
  int PANEL = 32;

  /** Channels of points that lie together; what channels are a multiple of. */
  int GROUP = Loops.PARTIALS;

  /** Rows of a block of a product at most: so many tiles there is room for. */
  int ROWS = 8;

  /**
   * Six rows of numbers to six rows of points.
   *
   * @param rows addresses of the six
   * @param out the first of six rows, which are {@code outRow} apart
   * @param n numbers in a row
   */
  void down(long[] rows, long out, long outRow, long n);

  /**
   * The same along a row of pixels, for each of its tiles.
   *
   * @param x the first pixel of the first tile; the next tile is {@link #STEP} pixels on
   * @param out the first point of the first tile: {@code [channels / GROUP, .., GROUP]} with tiles
   *     between
   * @param outPoint from one point to the next
   * @param outGroup from one group of channels to the next
   */
  void along(long x, long out, long outPoint, long outGroup, long tiles, long channels);

  /**
   * In each of the 36 points {@code m = v · u} for a panel of the weight.
   *
   * @param tiles rows of v and m; where they are fewer than {@link #ROWS} there is room for that
   *     many, and what the others hold is lost
   * @param columns of the panel: {@link #PANEL} or half of it
   * @param v {@code [36, k / GROUP, .., GROUP]}, points {@code vPoint} and groups {@code vGroup}
   *     apart
   * @param u {@code [36, k, columns]}
   * @param m {@code [36, .., ..]}, points {@code mPoint} and rows {@code mRow} apart
   */
  void products(
      int tiles,
      int columns,
      long v,
      long vPoint,
      long vGroup,
      long u,
      long m,
      long mPoint,
      long mRow,
      long k);

  /** Six rows of points, {@code row} apart, to four rows of results in place. */
  void up(long m, long row, long n);

  /**
   * Six points to four pixels, for each tile of a row, with what follows: {@code y = max(result +
   * bias + operand, least)}.
   *
   * @param z the first point of the first tile
   * @param point from one point to the next
   * @param bias {@code [channels]}
   * @param operand as y; 0 for none
   * @param least negative infinity for no bound
   * @param pixels of y in this row; what the last tile has beyond is left out
   */
  void across(
      float least, long z, long point, long bias, long operand, long y, long channels, long pixels);

  /**
   * Pre-activations of a block of {@value #PANEL} units of an LSTM for some rows: {@code out[gate,
   * row, j] = given[row, gate, j] + Σ h[row, k] · weight[k, gate, j]}, each a chain in the order of
   * k, whatever the number of rows.
   *
   * @param rows at least 1
   * @param h {@code [rows, hidden]}
   * @param weight {@code [hidden, 4, PANEL]}
   * @param given {@code [rows, 4, ..]}, gates {@code hidden} numbers apart
   * @param out {@code [4, rows, ..]}, rows {@code hidden} numbers apart
   * @param outGate from one gate of out to the next
   */
  void gates(int rows, long h, long weight, long given, long out, long outGate, long hidden);
}
