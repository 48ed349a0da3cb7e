package dev.nagare.server.config;

import dev.nagare.graph.Dim;
import dev.nagare.models.image.Channels;
import dev.nagare.models.image.Fit;
import dev.nagare.models.image.ImageSteps;
import dev.nagare.models.image.Normalize;
import dev.nagare.models.image.Resample;
import dev.nagare.models.image.Resize;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.ImageInput;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code input.image} of {@code model.yaml}. */
final class ImageSection {
  private static final Key LAYOUT = Key.of("layout", "order of the input's four axes");
  private static final Key CHANNELS =
      Key.of(
              "channels",
              "order of the colours. Gray of colours is the luma of ITU-R BT.601, as Pillow's"
                  + " `convert(\"L\")`")
          .usually("rgb, or gray where the model has one channel");
  private static final Key WIDTH =
      Key.of("width", "width that the model sees; needed where it leaves it open")
          .in("pixels")
          .usually("the model's");
  private static final Key HEIGHT =
      Key.of("height", "height that the model sees; needed where it leaves it open")
          .in("pixels")
          .usually("the model's");
  private static final Key RESIZE =
      Key.of(
          "resize",
          "`stretch`: both sides as the model has them. `shortest-edge-and-crop`: the shorter side"
              + " becomes `shortest-edge`, the longer one in proportion, rounded down, then the"
              + " middle is cut out (`do_center_crop`). `contain-and-pad`: as large as goes in"
              + " without a change of proportions, in the middle of black");
  private static final Key SHORTEST_EDGE =
      Key.of(
              "shortest-edge",
              "with `shortest-edge-and-crop`: what the shorter side becomes; 256 for most networks"
                  + " of ImageNet")
          .in("pixels")
          .usually("the longer of width and height")
          .within("a whole number from that to 4096");
  private static final Key RESAMPLE =
      Key.of("resample", "filter of the resizing: Pillow's filters");
  private static final Key ANTIALIAS =
      Key.of(
          "antialias",
          "whether the filter gets wider when a picture gets smaller. With it the pixels are those"
              + " of Pillow's `resize`, bit for bit, and so of torchvision and Hugging Face for"
              + " pictures; without it those of PyTorch's `interpolate(align_corners=False)`,"
              + " rounded. Centres of pixels lie at halves either way");
  private static final Key RESCALE =
      Key.of("rescale", "what a sample from 0 to 255 is multiplied by (`rescale_factor`)")
          .usually("1/255")
          .within("a number above 0");
  private static final Key MEAN =
      Key.of(
              "mean",
              "what is taken off then (`image_mean`), for each channel in the order red, green,"
                  + " blue; one number counts for all")
          .usually("0")
          .within("a list of numbers");
  private static final Key STD =
      Key.of("std", "what it is divided by then (`image_std`), for each channel")
          .usually("1")
          .within("a list of numbers above 0");
  private static final int LARGEST = 2048;
  private static final int IMAGE_AXES = 4;
  private static final double OF_BYTES = 1 / 255.0;

  /** The order of an input's axes. */
  private enum Layout {
    NCHW(1, 2, 3),
    NHWC(3, 1, 2);

    private final int channels;
    private final int height;
    private final int width;

    Layout(int channels, int height, int width) {
      this.channels = channels;
      this.height = height;
      this.width = width;
    }
  }

  private ImageSection() {}

  /** What the section says; null if it has faults that leave no picture. */
  static @Nullable ImageInput read(Section in, List<TensorSpec> inputs) {
    TensorSpec spec = TensorChoice.read(in, inputs, IMAGE_AXES, IMAGE_AXES);
    if (inputs.size() > 1) {
      in.fault(TensorChoice.TENSOR, "expected a model of one input, got one of " + inputs.size());
    }
    Layout layout = in.choice(LAYOUT, Layout.NCHW);
    Channels channels = in.choice(CHANNELS, isGray(spec, layout) ? Channels.GRAY : Channels.RGB);
    if (spec != null) {
      requireSize(in, CHANNELS, spec.shape().get(layout.channels), channels.count());
    }
    int width = size(in, WIDTH, spec, layout.width);
    int height = size(in, HEIGHT, spec, layout.height);
    Fit fit = in.choice(RESIZE, Fit.STRETCH);
    int longer = Math.max(width, height);
    int shortest = longer;
    if (fit == Fit.SHORTEST_EDGE_AND_CROP) {
      shortest = in.integer(SHORTEST_EDGE, longer, Math.max(longer, 1), 2 * LARGEST);
    } else {
      in.none("only with resize: shortest-edge-and-crop", SHORTEST_EDGE);
    }
    var resize = new Resize(in.choice(RESAMPLE, Resample.BILINEAR), in.flag(ANTIALIAS, true));
    double rescale = in.decimal(RESCALE, OF_BYTES, 0, false);
    double[] mean = numbers(in, MEAN, channels.count(), 0);
    double[] std = numbers(in, STD, channels.count(), 1);
    if (Arrays.stream(std).anyMatch(each -> each <= 0)) {
      in.fault(STD, "expected numbers above 0, got " + Arrays.toString(std));
    }
    in.end();
    if (spec == null || width < 1 || height < 1 || longer > LARGEST) {
      return null;
    }
    return new ImageInput(
        spec.name(),
        new ImageSteps(
            width,
            height,
            fit,
            shortest,
            resize,
            channels,
            new Normalize(rescale, mean, std),
            layout == Layout.NCHW));
  }

  private static boolean isGray(@Nullable TensorSpec spec, Layout layout) {
    return spec != null && spec.shape().get(layout.channels).is(1);
  }

  /** Pixels; those of the model unless the file says them. */
  private static int size(Section in, Key key, @Nullable TensorSpec spec, int axis) {
    Dim dim = spec == null ? null : spec.shape().get(axis);
    int known = dim != null && dim.isKnown() ? (int) Math.min(dim.value(), LARGEST + 1) : 0;
    int size = in.integer(key, known, 1, LARGEST);
    if (dim == null) {
      return size;
    }
    if (size == 0) {
      in.fault(
          key, "expected pixels, since the model leaves its " + key.name() + " open, got none");
    } else if (size > LARGEST) {
      in.fault(key, "expected a model of at most " + LARGEST + " pixels, this one has " + dim);
    } else {
      requireSize(in, key, dim, size);
    }
    return size;
  }

  private static void requireSize(Section in, Key key, Dim dim, int size) {
    if (dim.isKnown() && !dim.is(size)) {
      in.fault(key, "expected " + dim + " as the model has it, got " + size);
    }
  }

  /** A number for each channel; one counts for all. */
  private static double[] numbers(Section in, Key key, int count, double otherwise) {
    List<String> texts = in.texts(key);
    double[] numbers = new double[count];
    Arrays.fill(numbers, otherwise);
    if (texts.isEmpty()) {
      return numbers;
    }
    if (texts.size() != 1 && texts.size() != count) {
      in.fault(key, "expected a number for each of " + count + " channels, got " + texts);
      return numbers;
    }
    for (int i = 0; i < count; i++) {
      String text = texts.get(texts.size() == 1 ? 0 : i);
      try {
        numbers[i] = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        numbers[i] = Double.NaN;
      }
      if (!Double.isFinite(numbers[i])) {
        in.fault(key, "expected numbers, got '" + text + "'");
        numbers[i] = otherwise;
      }
    }
    return numbers;
  }
}
