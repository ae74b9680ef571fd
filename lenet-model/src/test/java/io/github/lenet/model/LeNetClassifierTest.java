package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

@ExtendWith(OwnGraphs.class)
class LeNetClassifierTest {

  private static final LeNetModel CLASSIC = SavedModels.random(LeNetConfig.classic(), 1);

  @TempDir Path directory;

  static Stream<LeNetConfig> architectures() {
    return Stream.of(
        LeNetConfig.classic(),
        LeNetConfig.builder()
            .imageSize(13, 16)
            .kernelSize(3)
            .channels(4, 5)
            .pooling(Pooling.MAX)
            .denseUnits(11)
            .activation(Activation.RELU)
            .classes(7)
            .build(),
        LeNetConfig.builder()
            .imageSize(20, 24)
            .kernelSize(3)
            .channels(4)
            .denseUnits()
            .activation(Activation.TANH)
            .classes(3)
            .build());
  }

  /** Against the network in loops over Java arrays. */
  @ParameterizedTest
  @MethodSource("architectures")
  void answersAsTheNetworkInTheFileDoes(LeNetConfig config) throws IOException {
    LeNetModel model = SavedModels.random(config, 2);
    SavedModels.write(model, directory);
    List<byte[]> images = images(3, config);
    try (LeNetClassifier classifier = LeNetClassifier.load(directory)) {
      assertEquals(config, classifier.model().architecture());
      assertEquals(model.classNames(), classifier.model().classNames());
      float[][] found = classifier.probabilities(images);
      for (int i = 0; i < 3; i++) {
        double[] expected =
            new PlainNetwork(model.architecture(), model.parameters()).probabilities(images.get(i));
        for (int c = 0; c < config.classes(); c++) {
          assertEquals(expected[c], found[i][c], 1e-4);
        }
        int best = 0;
        for (int c = 1; c < config.classes(); c++) {
          best = expected[c] > expected[best] ? c : best;
        }
        Prediction prediction = classifier.predict(images.get(i), 1).get(0);
        assertEquals(best, prediction.classIndex());
        assertEquals("class " + best, prediction.className());
        assertEquals(expected[best], prediction.probability(), 1e-4);
      }
    }
  }

  @Test
  void aModelOfDarkOnLightGetsImagesConvertedToIt() throws IOException {
    LeNetModel model = SavedModels.random(LeNetConfig.classic(), 3);
    ImagePreprocessor inverting = ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT);
    SavedModels.write(model.withPreprocessor(inverting), directory);
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    byte[] dark = new byte[28 * 28];
    Arrays.fill(dark, (byte) 255);
    for (int row = 8; row < 20; row++) {
      for (int column = 10; column < 13; column++) {
        image.getRaster().setSample(column, row, 0, 200);
        dark[row * 28 + column] = 55;
      }
    }
    BufferedImage ink = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    ink.getRaster().setDataElements(0, 0, 28, 28, dark);
    try (LeNetClassifier classifier = LeNetClassifier.load(directory)) {
      assertEquals(inverting, classifier.model().preprocessor());
      assertArrayEquals(dark, classifier.model().preprocess(image));
      assertArrayEquals(dark, classifier.model().preprocess(ink));
      assertEquals(classifier.predict(dark, 10), classifier.predict(image, 10));
      assertEquals(classifier.predict(dark, 10), classifier.predict(ink, 10));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> model.withPreprocessor(inverting.withPolarity(Polarity.AUTO)));
  }

  /** Against the same network out of a file, and in loops over Java arrays. */
  @ParameterizedTest
  @MethodSource("architectures")
  void aModelInMemoryPredictsAsItDoesOutOfAFile(LeNetConfig config) throws IOException {
    LeNetModel model = SavedModels.random(config, 3);
    SavedModels.write(model, directory);
    List<byte[]> images = images(3, config);
    try (LeNetClassifier inMemory =
            LeNetModel.of(config, model.classNames(), reversed(model.parameters())).classifier();
        LeNetClassifier loaded = LeNetClassifier.load(directory)) {
      assertEquals(config, inMemory.model().architecture());
      assertEquals(model.classNames(), inMemory.model().classNames());
      float[][] found = inMemory.probabilities(images);
      float[][] expected = loaded.probabilities(images);
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(expected[i], found[i]);
        double[] plain =
            new PlainNetwork(model.architecture(), model.parameters()).probabilities(images.get(i));
        for (int c = 0; c < config.classes(); c++) {
          assertEquals(plain[c], found[i][c], 1e-4);
        }
      }
    }
  }

  private static Map<String, float[]> reversed(Map<String, float[]> parameters) {
    List<String> names = new ArrayList<>(parameters.keySet());
    Collections.reverse(names);
    Map<String, float[]> reversed = new LinkedHashMap<>();
    names.forEach(name -> reversed.put(name, parameters.get(name)));
    return reversed;
  }

  @Test
  void aModelDoesNotChangeWithTheArraysThatItWasMadeFromOrGave() {
    LeNetModel random = SavedModels.random(LeNetConfig.classic(), 1);
    Map<String, float[]> arrays = random.parameters();
    LeNetModel model = LeNetModel.of(random.architecture(), random.classNames(), arrays);
    byte[] image = images(1, model.architecture()).get(0);
    try (LeNetClassifier classifier = model.classifier()) {
      List<Prediction> before = classifier.predict(image, 10);
      arrays.values().forEach(values -> Arrays.fill(values, 0));
      model.parameters().values().forEach(values -> Arrays.fill(values, 0));

      assertEquals(before, classifier.predict(image, 10));
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        Operand<TFloat32> bias =
            classifier.model().build(Ops.create(graph)).parameters().get("logits/bias");
        try (var result = session.runner().fetch(bias).run()) {
          float[] expected =
              SavedModels.random(model.architecture(), 1).parameters().get("logits/bias");
          assertArrayEquals(expected, InferenceGraph.values((TFloat32) result.get(0)));
        }
      }
    }
  }

  @Test
  void saysWhatDoesNotBelongToANetworkInMemory() {
    LeNetModel model = SavedModels.random(LeNetConfig.classic(), 1);
    List<String> names = model.classNames();
    assertRefused("class names: expected 10, found 9", names.subList(0, 9), model.parameters());
    Map<String, float[]> other = new LinkedHashMap<>(model.parameters());
    other.remove("conv2/bias");
    assertRefused("parameters: expected [conv1/kernel, ", names, other);
    other.put("conv2/bias", new float[15]);
    assertRefused("conv2/bias: expected 16 numbers, found 15", names, other);
    other.put("conv2/bias", new float[16]);
    other.put("conv3/bias", new float[16]);
    assertRefused("conv2/kernel, conv3/bias, dense1/bias", names, other);
    other.remove("conv3/bias");
    other.get("conv2/bias")[7] = Float.POSITIVE_INFINITY;
    assertRefused("conv2/bias: expected finite numbers, found Infinity at 7", names, other);
  }

  private static void assertRefused(
      String part, List<String> names, Map<String, float[]> parameters) {
    assertArgument(part, () -> LeNetModel.of(LeNetConfig.classic(), names, parameters));
  }

  @Test
  void theMostProbableComesFirstAndThereAreNoMoreThanClasses() throws IOException {
    try (LeNetClassifier classifier = classic()) {
      byte[] image = images(1, classifier.model().architecture()).get(0);
      List<Prediction> all = classifier.predict(image, 99);

      assertEquals(10, all.size());
      assertEquals(1, all.stream().mapToDouble(Prediction::probability).sum(), 1e-5);
      for (int i = 1; i < 10; i++) {
        assertTrue(all.get(i - 1).probability() >= all.get(i).probability(), all.toString());
      }
      assertEquals(all.subList(0, 3), classifier.predict(image, 3));
    }
  }

  /** More images than go into one run, and not a multiple of that. */
  @Test
  void aLargeBatchIsAnsweredInItsOrder() throws IOException {
    try (LeNetClassifier classifier = classic()) {
      List<byte[]> images =
          images(3 * LeNetClassifier.CHUNK + 17, classifier.model().architecture());
      List<List<Prediction>> found = classifier.predictBatch(images, 2);

      assertEquals(images.size(), found.size());
      for (int i = 0; i < images.size(); i += 31) {
        List<Prediction> single = classifier.predict(images.get(i), 2);
        assertEquals(single.get(0).classIndex(), found.get(i).get(0).classIndex());
        assertEquals(single.get(0).probability(), found.get(i).get(0).probability(), 1e-5);
      }
      assertEquals(0, classifier.predictBatch(List.of(), 1).size());
    }
  }

  @Test
  void anImageIsConvertedFirst() throws IOException {
    try (LeNetClassifier classifier = classic()) {
      byte[] pixels = images(1, classifier.model().architecture()).get(0);
      Arrays.fill(pixels, 0, 28, (byte) 0); // a dark border: light on dark
      Arrays.fill(pixels, 27 * 28, 28 * 28, (byte) 0);
      BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      image.getRaster().setDataElements(0, 0, 28, 28, pixels);

      assertEquals(classifier.predict(pixels, 10), classifier.predict(image, 10));
    }
  }

  /** Its probabilities are the softmax of the logits that the same network gives elsewhere. */
  @Test
  void isBuiltIntoAnotherGraphAndOutlivesTheClassifier() throws IOException {
    byte[] pixels = images(1, LeNetConfig.classic()).get(0);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TUint8 images = TUint8.tensorOf(Shape.of(1, 28, 28), DataBuffers.of(pixels))) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> logits;
      float[] expected;
      try (LeNetClassifier classifier = classic()) {
        logits = classifier.model().build(tf).forward(tf, tf.constantOf(images)).logits();
        expected = classifier.probabilities(List.of(pixels))[0];
      }
      try (var result = session.runner().fetch(tf.nn.softmax(logits)).run()) {
        assertArrayEquals(expected, InferenceGraph.values((TFloat32) result.get(0)), 1e-5f);
      }
    }
  }

  @Test
  void saysWhatIsWrongWithAnArgument() throws IOException {
    try (LeNetClassifier classifier = classic()) {
      assertArgument("k (0) must be positive", () -> classifier.predict(new byte[784], 0));
      assertArgument(
          "image 0: expected 784 bytes (28 rows of 28 grey pixels), found 783",
          () -> classifier.predict(new byte[783], 1));
      assertArgument(
          "image 1: expected 784",
          () -> classifier.probabilities(List.of(new byte[784], new byte[28 * 28 * 3])));
    }
  }

  private static void assertArgument(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void findsTheHighestVersionAndTheModelOfARun() throws IOException {
    Path run = directory.resolve("run");
    SavedModels.write(CLASSIC, run.resolve("saved_model/9"));
    SavedModels.write(
        SavedModels.random(
            CLASSIC.architecture().toBuilder().imageSize(28, 28).classes(4).build(), 1),
        run.resolve("saved_model/10"));
    Files.createDirectories(run.resolve("saved_model/11")); // being written
    Files.createDirectories(run.resolve("saved_model/.tmp-12"));
    for (Path path :
        List.of(run, run.resolve("saved_model"), run.resolve("saved_model").resolve("10"))) {
      try (LeNetClassifier classifier = LeNetClassifier.load(path)) {
        assertEquals(4, classifier.model().classNames().size());
      }
    }
  }

  @Test
  void saysWhatIsNoModel() throws IOException {
    assertNoModel("found nothing.", directory.resolve("absent"));
    assertNoModel("found a directory without any.", directory);
    assertNoModel("found a file.", Files.writeString(directory.resolve("file"), "x"));
    Path run = Files.createDirectories(directory.resolve("run"));
    Files.writeString(run.resolve("config.json"), "{}");
    assertNoModel("found a run that has not come to its end.", run);
    Path garbage = Files.createDirectories(directory.resolve("garbage"));
    Files.writeString(garbage.resolve("saved_model.pb"), "this is not a protocol buffer");
    assertNoModel("cannot be read as a LeNet", garbage);
  }

  @Test
  void saysWhatIsAModelOfAnotherKind() throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class);
      Signature signature = Signature.builder().input("x", x).output("y", tf.math.neg(x)).build();
      SavedModelBundle.exporter(directory.resolve("other").toString())
          .withFunction(session.function(signature))
          .export();
    }
    assertNoModel("there is no 'architecture' in its graph", directory.resolve("other"));
    SavedModels.write(
        CLASSIC,
        LeNetConfig.classic().toBuilder().imageSize(32, 32).classes(10).build().toText(),
        directory.resolve("larger"));
    assertNoModel(
        "'dense1/kernel': expected TFloat32 of shape [576, 120], found DT_FLOAT of shape [400, 120]",
        directory.resolve("larger"));
    SavedModels.write(CLASSIC, "depth=5\n", directory.resolve("newer"));
    assertNoModel("unknown line 'depth=5'", directory.resolve("newer"));
    SavedModels.write(
        CLASSIC,
        LeNetConfig.classic().toBuilder().imageSize(28, 28).classes(11).build().toText(),
        directory.resolve("names"));
    assertNoModel("'class_names': expected TString of shape [11]", directory.resolve("names"));
  }

  @Test
  void saysWhatIsCorrupt() throws IOException {
    SavedModels.write(CLASSIC, directory);
    Path data = directory.resolve("variables/variables.data-00000-of-00001");
    byte[] whole = Files.readAllBytes(data);
    Files.write(data, Arrays.copyOf(whole, whole.length / 2));
    assertNoModel("cannot be read as a LeNet", directory);
    Files.delete(data);
    assertNoModel("cannot be read as a LeNet", directory);
    Files.write(data, whole);
    Path graph = directory.resolve("saved_model.pb");
    byte[] wholeGraph = Files.readAllBytes(graph);
    Files.write(graph, Arrays.copyOf(wholeGraph, wholeGraph.length / 2));
    assertNoModel("cannot be read as a LeNet", directory);
    Files.write(graph, wholeGraph);
    LeNetClassifier.load(directory).close();
  }

  @Test
  void refusesNumbersThatAreNone() throws IOException {
    Map<String, float[]> parameters = new LinkedHashMap<>(CLASSIC.parameters());
    parameters.get("conv2/bias")[3] = Float.NaN;
    SavedModels.write(CLASSIC, parameters, CLASSIC.architecture().toText(), directory);

    assertNoModel("conv2/bias: expected finite numbers, found NaN at 3", directory);
  }

  private static void assertNoModel(String part, Path path) {
    String message =
        assertThrows(ModelFormatException.class, () -> LeNetClassifier.load(path)).getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    assertTrue(message.contains(part), message);
  }

  @Test
  void aClosedOneSaysSo() throws IOException {
    LeNetClassifier classifier = classic();
    classifier.close();
    classifier.close();
    String message =
        assertThrows(IllegalStateException.class, () -> classifier.predict(new byte[784], 1))
            .getMessage();
    assertTrue(message.contains("closed"), message);
    assertEquals(10, classifier.model().classNames().size());
  }

  @Test
  @Timeout(60)
  void closingWaitsForThoseWhoPredict() throws Exception {
    for (int round = 0; round < 10; round++) {
      LeNetClassifier classifier = classic();
      List<byte[]> images = images(2 * LeNetClassifier.CHUNK, classifier.model().architecture());
      CountDownLatch running = new CountDownLatch(4);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      List<Future<Long>> counts = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        List<byte[]> asked = thread == 0 ? images : images.subList(thread, thread + 1);
        counts.add(
            threads.submit(
                () -> {
                  long count = 0;
                  try {
                    while (true) {
                      classifier.probabilities(asked);
                      if (count++ == 0) {
                        running.countDown();
                      }
                    }
                  } catch (IllegalStateException closed) {
                    return count;
                  }
                }));
      }
      running.await();
      classifier.close();
      for (Future<Long> count : counts) {
        assertTrue(count.get() > 0);
      }
      threads.shutdown();
    }
  }

  @Test
  void manyThreadsGetTheSameAnswersAsOne() throws Exception {
    try (LeNetClassifier classifier = classic()) {
      List<byte[]> images = images(50, classifier.model().architecture());
      float[][] expected = new float[images.size()][];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = classifier.probabilities(images.subList(i, i + 1))[0];
      }
      ExecutorService threads = Executors.newFixedThreadPool(8);
      List<Future<float[]>> found = new ArrayList<>();
      for (int call = 0; call < 2000; call++) {
        List<byte[]> image = images.subList(call % 50, call % 50 + 1);
        found.add(threads.submit(() -> classifier.probabilities(image)[0]));
      }
      for (int call = 0; call < 2000; call++) {
        assertArrayEquals(expected[call % 50], found.get(call).get());
      }
      threads.shutdown();
    }
  }

  /** What {@code inter_op_thread_pool = -1} promises: no thread but the caller's works. */
  @Test
  void aPredictionIsComputedInTheCallersThread() throws IOException {
    Path tasks = Path.of("/proc/self/task");
    assumeTrue(Files.isDirectory(tasks));
    Set<Path> older = tasks(tasks);
    try (LeNetClassifier classifier = classic()) {
      byte[] image = images(1, classifier.model().architecture()).get(0);
      for (int i = 0; i < 100; i++) {
        classifier.predict(image, 1);
      }
      Set<Path> ofClassifier = tasks(tasks);
      ofClassifier.removeAll(older);
      long before = switches(ofClassifier);
      for (int i = 0; i < 5000; i++) {
        classifier.predict(image, 1);
      }
      // A hand-over would make a thread of TensorFlow's wait for work, and wake up, for each call.
      long waits = switches(ofClassifier) - before;
      assertTrue(waits < 2500, waits + " waits");
    }
  }

  private static Set<Path> tasks(Path directory) throws IOException {
    try (Stream<Path> tasks = Files.list(directory)) {
      return tasks.collect(Collectors.toCollection(HashSet::new));
    }
  }

  /** How often these threads, but for those of Java's compiler and collector, have waited. */
  private static long switches(Set<Path> tasks) throws IOException {
    long sum = 0;
    for (Path task : tasks) {
      if (Files.exists(task.resolve("status"))) {
        List<String> status = Files.readAllLines(task.resolve("status"));
        if (!status.get(0).matches("Name:\\s(C[12] |GC |G1 |VM ).*")) {
          sum +=
              status.stream()
                  .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                  .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                  .sum();
        }
      }
    }
    return sum;
  }

  @Test
  void memoryDoesNotGrow() throws Exception {
    assertNoGrowth(5, 4_000);
  }

  @Test
  @Tag("slow")
  void memoryDoesNotGrowOverAMillionCalls() throws Exception {
    assertNoGrowth(9, 110_000);
  }

  /** In a process of which Java's own part does not grow. */
  private void assertNoGrowth(int stretches, int calls) throws Exception {
    ChildJvm child = new ChildJvm(directory);
    String printed =
        child.run(
            ProcessResources.optionsForAConstantJava(64),
            "-cp",
            System.getProperty("java.class.path"),
            PredictOften.class.getName(),
            Integer.toString(stretches),
            Integer.toString(calls));

    assertEquals(0, child.exitValue(), child.errors());
    System.out.println(
        "growth over %s predictions, JavaCPP's bytes, all bytes, threads, files: %s"
            .formatted(calls, printed));
    long[] growth = Stream.of(printed.split(" ")).mapToLong(Long::parseLong).toArray();
    assertEquals(0, growth[0], "bytes that JavaCPP knows of");
    // A tensor of one image per call would be more than 784 bytes, its handle about 100.
    assertTrue(growth[1] < 50L * calls, "resident bytes: " + printed);
    assertTrue(growth[2] <= 0, "threads: " + printed);
    assertTrue(growth[3] <= 0, "open files: " + printed);
  }

  /**
   * Prints by how much JavaCPP's memory has grown over all stretches, and by how much the process's
   * memory, threads and open files have in the median of them.
   */
  static final class PredictOften {

    private static final int WARMUP_CALLS = 5_000;

    public static void main(String[] arguments) throws IOException {
      int stretches = Integer.parseInt(arguments[0]);
      int calls = Integer.parseInt(arguments[1]);
      try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
        byte[] image = images(1, classifier.model().architecture()).get(0);
        predict(classifier, image, WARMUP_CALLS);
        long tracked = Pointer.totalBytes();
        List<ProcessResources> ends = new ArrayList<>(List.of(ProcessResources.current()));
        for (int stretch = 0; stretch < stretches; stretch++) {
          predict(classifier, image, calls);
          ends.add(ProcessResources.current());
        }
        ProcessResources growth = ProcessResources.medianGrowth(ends);
        System.out.print(Pointer.totalBytes() - tracked);
        System.out.print(" " + growth.residentBytes());
        System.out.print(" " + growth.threads());
        System.out.print(" " + growth.openFiles());
      }
    }

    /** On all cores. */
    private static void predict(LeNetClassifier classifier, byte[] image, int calls) {
      IntStream.range(0, calls).parallel().forEach(call -> classifier.predict(image, 1));
    }
  }

  private LeNetClassifier classic() throws IOException {
    Path model = directory.resolve("classic");
    if (Files.notExists(model)) {
      SavedModels.write(CLASSIC, model);
    }
    return LeNetClassifier.load(model);
  }

  private static List<byte[]> images(int count, LeNetConfig config) {
    Random random = new Random(7);
    return Stream.generate(
            () -> {
              byte[] pixels = new byte[config.imageHeight() * config.imageWidth()];
              random.nextBytes(pixels);
              return pixels;
            })
        .limit(count)
        .toList();
  }
}
