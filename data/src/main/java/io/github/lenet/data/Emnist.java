package io.github.lenet.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The sets of EMNIST, known by the names of their files, such as {@code
 * emnist-letters-train-images-idx3-ubyte.gz}. Their images are stored transposed.
 *
 * @param id such as {@code emnist-letters}
 * @param classNames one per class, in order
 * @param firstLabel the label of the first class; 1 for the letters
 * @see <a href="https://arxiv.org/abs/1702.05373">Cohen et al., EMNIST: an extension of MNIST to
 *     handwritten letters, 2017</a>
 */
record Emnist(String id, List<String> classNames, int firstLabel) {

  private static final Pattern NAME = Pattern.compile("(emnist-[a-z]+)-.*");

  /** {@return the set that a file belongs to, by its name} */
  static Optional<Emnist> of(Path file) {
    Matcher name = NAME.matcher(IdxQuartet.lowerCaseName(file));
    return name.matches() ? of(name.group(1)) : Optional.empty();
  }

  private static Optional<Emnist> of(String id) {
    Stream<String> digits = characters('0', '9');
    Stream<String> capitals = characters('A', 'Z');
    return switch (id) {
      case "emnist-letters" -> Optional.of(new Emnist(id, characters('a', 'z').toList(), 1));
      case "emnist-digits", "emnist-mnist" -> Optional.of(new Emnist(id, digits.toList(), 0));
      case "emnist-byclass" ->
          Optional.of(
              new Emnist(
                  id,
                  Stream.of(digits, capitals, characters('a', 'z')).flatMap(each -> each).toList(),
                  0));
      // Small letters that look like capitals are those.
      case "emnist-balanced", "emnist-bymerge" ->
          Optional.of(
              new Emnist(
                  id,
                  Stream.of(digits, capitals, Stream.of("abdefghnqrt".split("")))
                      .flatMap(each -> each)
                      .toList(),
                  0));
      default -> Optional.empty();
    };
  }

  private static Stream<String> characters(char first, char last) {
    return IntStream.rangeClosed(first, last).mapToObj(Character::toString);
  }

  /** {@return the labels counted from 0} */
  IdxFile fromZero(IdxFile labels) throws IdxFormatException {
    byte[] body = labels.body().clone();
    for (int i = 0; i < body.length; i++) {
      int label = Byte.toUnsignedInt(body[i]) - firstLabel;
      if (label < 0 || label >= classNames.size()) {
        throw new IdxFormatException(
            labels.path(),
            "a label is out of range",
            "%s to %s, as %s has them"
                .formatted(firstLabel, firstLabel + classNames.size() - 1, id),
            String.valueOf(label + firstLabel),
            8 + i,
            "Check that the four files belong to one data set.");
      }
      body[i] = (byte) label;
    }
    return new IdxFile(
        labels.path(),
        labels.dimensions(),
        body,
        labels.sizeInBytes(),
        labels.sha256(),
        labels.rawSha256());
  }
}
