package io.github.lenet.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * The random changes of training images, which add variety to a data set. Labels do not change.
 * Each image is changed in this order:
 *
 * <table>
 *   <caption>The changes</caption>
 *   <tr><th>name</th><th>change</th></tr>
 *   <tr><td>{@code shift}</td><td>moves the image by -2 to 2 pixels down and -2 to 2 to the right, all
 *       25 shifts equally likely. Background, 0, fills the gap. He et al., <a
 *       href="https://arxiv.org/abs/1512.03385">Deep residual learning</a>, 2016, section 4.2,
 *       shift by up to 4 of 32 pixels. Half of that is used here, because Fashion-MNIST's garments
 *       reach the border. A side of less than 5 pixels shifts by less than half of its length, so
 *       no image becomes empty.</td></tr>
 *   <tr><td>{@code flip}</td><td>swaps left and right with probability 1/2 (same source). It is not
 *       for images that mean something else when flipped:
 *       {@link DatasetSplits#allowsHorizontalFlip()}.</td></tr>
 *   <tr><td>{@code erase}</td><td>overwrites a rectangle with noise, each pixel 0 to 255, with
 *       probability 1/2. This is random erasing, Zhong et al., <a
 *       href="https://arxiv.org/abs/1708.04896">arXiv:1708.04896</a>, with the constants of the
 *       authors' code. The rectangle has 2 to 40 per cent of the image's pixels. Area and aspect
 *       (height by width, 0.3 to 1/0.3) are drawn uniformly, and the sides are rounded to pixels.
 *       Both are drawn again if the rectangle does not fit. The place is drawn afterwards, among
 *       those where it fits, as in the authors' code. The paper's listing draws it before, which
 *       favours small rectangles. If none of 100 rectangles fits, as in an image of one row and
 *       many columns, the image does not change.</td></tr>
 * </table>
 *
 * @param shift whether images are shifted
 * @param flip whether images are flipped left to right
 * @param erase whether rectangles are erased
 * @see ImageDataset#shuffledBatches(int, long, Augmentation)
 */
public record Augmentation(boolean shift, boolean flip, boolean erase) {
  /** No augmentation. */
  public static final Augmentation NONE = new Augmentation(false, false, false);

  private static final String NONE_NAME = "none";
  private static final String SHIFT_NAME = "shift";
  private static final String FLIP_NAME = "flip";
  private static final String ERASE_NAME = "erase";

  /** {@return whether images do not change} */
  public boolean isNone() {
    return equals(NONE);
  }

  /** {@return a copy without flips} */
  public Augmentation withoutFlip() {
    return new Augmentation(shift, false, erase);
  }

  /**
   * {@return the names of the changes: {@code none}, or some of {@code shift}, {@code flip}, {@code
   * erase}, in this order, separated by commas}
   */
  public String toText() {
    if (isNone()) {
      return NONE_NAME;
    }
    List<String> names = new ArrayList<>();
    if (shift) {
      names.add(SHIFT_NAME);
    }
    if (flip) {
      names.add(FLIP_NAME);
    }
    if (erase) {
      names.add(ERASE_NAME);
    }
    return String.join(",", names);
  }

  /**
   * Parses the names of changes.
   *
   * @param text {@code none}, or some of {@code shift}, {@code flip}, {@code erase}, in any order,
   *     each once, separated by commas
   * @return the changes
   * @throws IllegalArgumentException if the text has another form
   */
  public static Augmentation fromText(String text) {
    if (text.strip().equals(NONE_NAME)) {
      return NONE;
    }
    List<String> names = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    if (!List.of(SHIFT_NAME, FLIP_NAME, ERASE_NAME).containsAll(names)
        || new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException(
          "unknown augmentation '%s': expected none, or some of shift, flip, erase, each once, with commas between them"
              .formatted(text));
    }
    return new Augmentation(
        names.contains(SHIFT_NAME), names.contains(FLIP_NAME), names.contains(ERASE_NAME));
  }
}
