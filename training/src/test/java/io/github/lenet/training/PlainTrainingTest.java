package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.PlainNetwork;
import io.github.lenet.model.Pooling;
import io.github.lenet.model.RandomArchitectures;
import io.github.lenet.training.device.DeviceSelection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Training as it is, with replicas, the fast forward pass and standardised pixels folded away,
 * against loops over arrays in double precision, over random architectures.
 */
@Tag("slow")
class PlainTrainingTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");

  private static final int LEAST_IMAGES_PER_REPLICA = 32;

  /**
   * So long a step, and a power of two, that what it leads to is the gradient to the last digit.
   */
  private static final double LONG_STEP = 1L << 40;

  private static final Map<String, Double> SHARES_OF_BOUNDS = new LinkedHashMap<>();

  @AfterAll
  static void tell() {
    SHARES_OF_BOUNDS.forEach(
        (what, share) ->
            System.out.printf(
                Locale.ROOT, "%s: deviates by up to %.2f of the bound%n", what, share));
  }

  private static TrainingConfig longStep(
      LeNetConfig model, int images, int replicas, Random random) {
    TrainingConfig config =
        TrainingConfigs.of(
            model,
            1,
            Math.max(images, LEAST_IMAGES_PER_REPLICA * replicas),
            LONG_STEP,
            random.nextLong(),
            replicas);
    assertEquals(replicas, config.replicas());
    return random.nextBoolean()
        ? config.toBuilder().standardization(new Standardization(0.286, 0.353)).build()
        : config;
  }

  private static ImageDataset noise(int count, LeNetConfig model, Random random) {
    return Images.noise(
        count, model.imageHeight(), model.imageWidth(), model.classes(), random.nextLong());
  }

  private static ImageDataset clear(
      int count, LeNetConfig model, Random random, PlainNetwork plain, double distance) {
    int size = model.imageHeight() * model.imageWidth();
    ByteBuffer pixels = ByteBuffer.allocate(count * size);
    plain.clearImages(count, distance, random).forEach(pixels::put);
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(model.classes());
    }
    List<String> names = IntStream.range(0, model.classes()).mapToObj(String::valueOf).toList();
    return ImageDataset.of(model.imageHeight(), model.imageWidth(), pixels.array(), labels, names);
  }

  static Stream<Arguments> batches() {
    List<Integer> sizes = List.of(1, 2, 3, 5, 31, 64, 65, 97);
    List<LeNetConfig> models = RandomArchitectures.draw(3 * sizes.size(), 2).toList();
    return IntStream.range(0, models.size())
        .mapToObj(i -> Arguments.of(models.get(i), sizes.get(i % sizes.size()), 1 + i / 2 % 3));
  }

  /**
   * Loss and gradients of one batch, also where it does not divide by the replicas, or is smaller
   * than their number.
   */
  @ParameterizedTest
  @MethodSource("batches")
  void lossAndGradientsAreThoseOfPlainLoops(LeNetConfig model, int images, int replicas)
      throws Exception {
    Random random = new Random(model.toText().hashCode());
    TrainingConfig config = longStep(model, images, replicas, random);
    try (Trainer trainer = new Trainer(config, CPU)) {
      Map<String, float[]> start = TrainerTest.parameters(trainer);
      PlainNetwork plain = plain(config, start);
      ImageDataset batch = clear(images, model, random, plain, 1e-6);
      double loss = step(trainer, batch);

      double expectedLoss = plain.loss(images(batch), labels(batch));
      assertClose("loss", expectedLoss, loss, 1e-6 * expectedLoss);
      Map<String, double[]> found = gradients(start, TrainerTest.parameters(trainer));
      Map<String, double[]> expected = plain.gradients(images(batch), labels(batch));
      expected.forEach(
          (name, gradient) -> {
            double bound = PlainNetwork.gradientBound(name, expected);
            for (int i = 0; i < gradient.length; i++) {
              assertClose("gradient", gradient[i], found.get(name)[i], bound);
            }
          });
    }
  }

  static Stream<LeNetConfig> architectures() {
    return RandomArchitectures.draw(12, 3);
  }

  /**
   * The gradients that training uses against differences of the loss, which need no backward pass:
   * of every parameter's array some components, and the loss in double precision, for single has
   * too few digits for a difference. That training's loss is the same one, the test above shows.
   *
   * <p>The logitsGradient to one side will do: on the other there may be a kink, and is one where a
   * ReLU's bias of 0 meets inputs that are all 0.
   */
  @ParameterizedTest
  @MethodSource("architectures")
  void gradientsAreTheSlopesOfTheLoss(LeNetConfig model) throws Exception {
    double distance = 1e-6;
    Random random = new Random(model.toText().hashCode());
    TrainingConfig config = longStep(model, 3, 2, random);
    try (Trainer trainer = new Trainer(config, CPU)) {
      Map<String, float[]> start = TrainerTest.parameters(trainer);
      PlainNetwork plain = plain(config, start);
      ImageDataset batch = clear(3, model, random, plain, 5 * distance);
      List<byte[]> images = images(batch);
      int[] labels = labels(batch);
      step(trainer, batch);

      Map<String, double[]> gradients = gradients(start, TrainerTest.parameters(trainer));
      gradients.forEach(
          (name, gradient) -> {
            double[] weights = plain.parameters().get(name);
            // The losses have sixteen digits, of which a difference leaves nine.
            double bound = PlainNetwork.gradientBound(name, gradients) + 5e-9;
            for (int i : random.ints(6, 0, weights.length).toArray()) {
              double weight = weights[i];
              double loss = plain.loss(images, labels);
              weights[i] = weight + distance;
              double above = (plain.loss(images, labels) - loss) / distance;
              weights[i] = weight - distance;
              double below = (loss - plain.loss(images, labels)) / distance;
              weights[i] = weight;
              double logitsGradient =
                  Math.abs(above - gradient[i]) < Math.abs(below - gradient[i]) ? above : below;
              assertClose("logitsGradient", logitsGradient, gradient[i], bound);
            }
          });
    }
  }

  /** Every rule with two networks that have kinks, and two that have none. */
  static Stream<Arguments> courses() {
    Map<Boolean, List<LeNetConfig>> models =
        RandomArchitectures.draw(60, 4)
            .collect(Collectors.partitioningBy(PlainTrainingTest::hasKinks));
    List<Optimizer> optimizers = Optimizers.ofEachKind(0.1, 0.003);
    return Stream.of(true, false)
        .flatMap(
            kinks ->
                IntStream.range(0, 2 * optimizers.size())
                    .mapToObj(i -> Arguments.of(models.get(kinks).get(i), optimizers.get(i / 2))));
  }

  private static boolean hasKinks(LeNetConfig model) {
    return model.activation() == Activation.RELU || model.pooling() == Pooling.MAX;
  }

  /**
   * Two epochs of three steps, the last one of each with a smaller batch, by every optimizer: where
   * the weights come to, relative to the way that they have come. Adam divides by the gradient's
   * own size, and so takes a rounding of a small one for a step; and where there are kinks, of ReLU
   * and maxima, some images come to lie on different sides of them.
   */
  @ParameterizedTest
  @MethodSource("courses")
  void sixStepsLeadWherePlainLoopsDo(LeNetConfig model, Optimizer optimizer) throws Exception {
    Random random = new Random(model.toText().hashCode());
    double decay = random.nextBoolean() ? 0.01 : 0;
    TrainingConfig config =
        TrainingConfigs.of(model, 2, 64, 0.1, 5, 2).toBuilder()
            .optimizer(optimizer)
            .schedule(LearningRateSchedule.COSINE)
            .warmupEpochs(1)
            .weightDecay(decay)
            .standardization(new Standardization(0.5, 0.289))
            .build();
    ImageDataset images = noise(2 * 64 + 13, model, random);
    try (Trainer trainer = new Trainer(config, CPU)) {
      Map<String, float[]> start = TrainerTest.parameters(trainer);
      trainer.fit(images, images.first(1), new TrainingListener() {});
      Map<String, float[]> end = TrainerTest.parameters(trainer);

      boolean kinks = hasKinks(model);
      double tolerance = kinks ? 1e-2 : 1e-3;
      Map<String, double[]> expected = walk(config, decay, start, images);
      expected.forEach(
          (name, weights) -> {
            double[] way = new double[weights.length];
            double[] found = new double[weights.length];
            Arrays.setAll(way, i -> weights[i] - start.get(name)[i]);
            Arrays.setAll(found, i -> (double) end.get(name)[i] - start.get(name)[i]);
            double steps = 6 * Math.ulp((float) largest(weights)); // the weights are floats
            for (int i = 0; i < way.length; i++) {
              assertClose(
                  "six steps by "
                      + optimizer.getClass().getSimpleName()
                      + (kinks ? ", with kinks" : ""),
                  way[i],
                  found[i],
                  tolerance * largest(way) + steps);
            }
          });
    }
  }

  /** The weights at the end. */
  private static Map<String, double[]> walk(
      TrainingConfig config, double decay, Map<String, float[]> start, ImageDataset images) {
    PlainNetwork plain = plain(config, start);
    Map<String, Textbook[]> books = new LinkedHashMap<>();
    start.forEach(
        (name, weights) -> {
          Textbook[] ofEach = new Textbook[weights.length];
          double ofKernels = name.endsWith("/kernel") ? decay : 0;
          Arrays.setAll(ofEach, i -> new Textbook(config.optimizer(), ofKernels, weights[i]));
          books.put(name, ofEach);
        });
    int step = 0;
    for (int epoch = 1; epoch <= config.epochs(); epoch++) {
      for (ImageBatch batch : images.shuffledBatches(config.batchSize(), config.seed() + epoch)) {
        try (batch) {
          // Warm-up in steps of a third, then half a wave down.
          double factor =
              step < 3 ? (step + 1) / 3.0 : (1 + Math.cos(Math.PI * (step - 3) / 3)) / 2;
          int number = ++step;
          Map<String, double[]> gradients = plain.gradients(images(batch), labels(batch));
          plain
              .parameters()
              .forEach(
                  (name, weights) -> {
                    for (int i = 0; i < weights.length; i++) {
                      Textbook book = books.get(name)[i];
                      book.step(
                          number,
                          config.optimizer().learningRate() * factor,
                          gradients.get(name)[i]);
                      weights[i] = book.weight();
                    }
                  });
        }
      }
    }
    assertEquals(6, step);
    return plain.parameters();
  }

  private static PlainNetwork plain(TrainingConfig config, Map<String, float[]> parameters) {
    Optional<Standardization> standardization = config.standardization();
    return standardization.isPresent()
        ? new PlainNetwork(
            config.architecture(),
            parameters,
            standardization.get().mean(),
            standardization.get().standardDeviation())
        : new PlainNetwork(config.architecture(), parameters);
  }

  /** Takes one step, and gives the loss before it. */
  private static double step(Trainer trainer, ImageDataset batch) throws IOException {
    double[] loss = new double[1];
    trainer.fit(
        batch,
        batch,
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) {
            loss[0] = progress.train().meanLoss();
            trainer.stop(); // or it would be measured after so long a step
          }
        });
    return loss[0];
  }

  private static Map<String, double[]> gradients(
      Map<String, float[]> start, Map<String, float[]> end) {
    Map<String, double[]> gradients = new LinkedHashMap<>();
    start.forEach(
        (name, weights) -> {
          double[] gradient = new double[weights.length];
          Arrays.setAll(gradient, i -> ((double) weights[i] - end.get(name)[i]) / LONG_STEP);
          gradients.put(name, gradient);
        });
    return gradients;
  }

  private static void assertClose(String what, double expected, double found, double bound) {
    double deviation = Math.abs(expected - found);
    if (deviation > 0) {
      SHARES_OF_BOUNDS.merge(what, deviation / bound, Math::max);
    }
    assertTrue(
        deviation <= bound,
        () ->
            String.format(
                Locale.ROOT, "%s: expected %g ± %g, found %g", what, expected, bound, found));
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }

  private static List<byte[]> images(ImageDataset dataset) {
    return IntStream.range(0, dataset.size()).mapToObj(dataset::image).toList();
  }

  private static int[] labels(ImageDataset dataset) {
    return IntStream.range(0, dataset.size()).map(dataset::label).toArray();
  }

  private static List<byte[]> images(ImageBatch batch) {
    byte[] pixels = new byte[(int) batch.images().size()];
    batch.images().asRawTensor().data().read(pixels);
    int size = pixels.length / batch.size();
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      images.add(Arrays.copyOfRange(pixels, i * size, (i + 1) * size));
    }
    return images;
  }

  private static int[] labels(ImageBatch batch) {
    return IntStream.range(0, batch.size())
        .map(i -> Byte.toUnsignedInt(batch.labels().getByte(i)))
        .toArray();
  }
}
