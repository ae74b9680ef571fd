package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text is an architecture whose size is what exact arithmetic says, or is refused with an
 * {@link IllegalArgumentException}.
 */
final class LeNetConfigFuzzTest {

  static Stream<byte[]> seeds() {
    return Stream.of(
            LeNetConfig.classic(),
            LeNetConfig.builder()
                .imageSize(9, 300)
                .kernelSize(1)
                .channels(3)
                .pooling(Pooling.MAX)
                .denseUnits()
                .activation(Activation.RELU)
                .classes(2)
                .build(),
            LeNetConfig.builder()
                .imageSize(64, 64)
                .kernelSize(3)
                .channels(2, 3, 4, 5)
                .denseUnits(7)
                .activation(Activation.TANH)
                .classes(256)
                .build())
        .map(LeNetConfig::toText)
        .flatMap(
            text ->
                Stream.of(
                    text,
                    text.replaceFirst("kernel_size=.*", "kernel_size=2147483647"),
                    text.replaceFirst("classes=.*", "classes=2147483647")))
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @Timeout(10)
  @DictionaryEntries({
    "image_height=",
    "image_width=",
    "kernel_size=",
    "channels=",
    "pooling=",
    "dense_units=",
    "activation=",
    "classes=",
    "max",
    "relu",
    "2147483647",
    "65536",
    "1000000",
    "-1",
    ",1,1,1,1"
  })
  @FuzzTest
  void anyTextIsAnArchitectureOfTheRightSizeOrIsRefused(byte[] bytes) {
    LeNetConfig config;
    try {
      config = LeNetConfig.fromText(new String(bytes, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      assertFalse(e.getMessage().isBlank());
      return;
    }
    assertEquals(config, LeNetConfig.fromText(config.toText()));
    BigInteger parameters = parameters(config);
    assertEquals(parameters, BigInteger.valueOf(config.parameterCount()), config.toText());
    assertTrue(parameters.compareTo(BigInteger.valueOf(LeNetConfig.MAX_PARAMETERS)) <= 0);
    assertTrue(
        config.summary(DataFormat.NCHW).endsWith(String.format(Locale.ROOT, " %,d\n", parameters)));
  }

  /** The layer table's formula: each kernel, and a bias per output. */
  private static BigInteger parameters(LeNetConfig config) {
    BigInteger sum = BigInteger.ZERO;
    BigInteger height = BigInteger.valueOf(config.imageHeight());
    BigInteger width = BigInteger.valueOf(config.imageWidth());
    BigInteger inputs = BigInteger.ONE;
    BigInteger kernel = BigInteger.valueOf(config.kernelSize());
    for (int i = 0; i < config.channels().size(); i++) {
      BigInteger outputs = BigInteger.valueOf(config.channels().get(i));
      sum = sum.add(kernel.multiply(kernel).multiply(inputs).multiply(outputs)).add(outputs);
      inputs = outputs;
      BigInteger shrinks = i == 0 ? BigInteger.ZERO : kernel.subtract(BigInteger.ONE);
      height = height.subtract(shrinks).divide(BigInteger.TWO);
      width = width.subtract(shrinks).divide(BigInteger.TWO);
      assertTrue(height.signum() > 0 && width.signum() > 0, config.toText());
    }
    inputs = inputs.multiply(height).multiply(width);
    Stream<Integer> units =
        Stream.concat(config.denseUnits().stream(), Stream.of(config.classes()));
    for (Integer unit : units.toList()) {
      BigInteger outputs = BigInteger.valueOf(unit);
      sum = sum.add(inputs.multiply(outputs)).add(outputs);
      inputs = outputs;
    }
    return sum;
  }
}
