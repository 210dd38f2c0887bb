package dev.millrace.server.filter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Intervals of integers, each with a value; finds those that contain a number in the time of a
 * search and one step for each that is found. One thread at a time.
 *
 * <p>A treap (Seidel and Aragon, "Randomized Search Trees", 1996) ordered by the lower bounds, in
 * which each node knows the highest upper bound beneath it: subtrees that end too low are passed
 * over (Cormen et al., "Introduction to Algorithms", interval trees).
 */
final class IntervalIndex<T> {

  private @Nullable Node<T> root;

  /** For the priorities; that they look random is all they need. */
  private long state = 0x9E3779B97F4A7C15L;

  private static final class Node<T> {

    private final long low;
    private final long high;
    private final T value;
    private final long priority;
    private long highest;
    private @Nullable Node<T> left;
    private @Nullable Node<T> right;

    Node(long low, long high, T value, long priority) {
      this.low = low;
      this.high = high;
      this.value = value;
      this.priority = priority;
      this.highest = high;
    }

    private void settle() {
      highest = high;
      if (left != null) {
        highest = Math.max(highest, left.highest);
      }
      if (right != null) {
        highest = Math.max(highest, right.highest);
      }
    }
  }

  boolean isEmpty() {
    return root == null;
  }

  /** Adds the interval from {@code low} to {@code high}, both included. */
  void add(long low, long high, T value) {
    state ^= state << 13;
    state ^= state >>> 7;
    state ^= state << 17;
    root = add(root, new Node<>(low, high, value, state));
  }

  private static <T> Node<T> add(@Nullable Node<T> tree, Node<T> node) {
    if (tree == null) {
      return node;
    }
    if (node.low < tree.low) {
      Node<T> left = add(tree.left, node);
      tree.left = left;
      return left.priority < tree.priority ? rotateRight(tree, left) : settled(tree);
    }
    Node<T> right = add(tree.right, node);
    tree.right = right;
    return right.priority < tree.priority ? rotateLeft(tree, right) : settled(tree);
  }

  private static <T> Node<T> rotateRight(Node<T> tree, Node<T> left) {
    tree.left = left.right;
    tree.settle();
    left.right = tree;
    return settled(left);
  }

  private static <T> Node<T> rotateLeft(Node<T> tree, Node<T> right) {
    tree.right = right.left;
    tree.settle();
    right.left = tree;
    return settled(right);
  }

  private static <T> Node<T> settled(Node<T> tree) {
    tree.settle();
    return tree;
  }

  /** Undoes {@link #add}; nothing happens if there is no such interval. */
  void remove(long low, long high, T value) {
    root = remove(root, low, high, value);
  }

  private static <T> @Nullable Node<T> remove(
      @Nullable Node<T> tree, long low, long high, T value) {
    if (tree == null || tree.highest < high) {
      return tree;
    }
    if (tree.low == low && tree.high == high && tree.value.equals(value)) {
      return joined(tree.left, tree.right);
    }
    // Rotations put equal lower bounds on either side.
    if (low <= tree.low) {
      tree.left = remove(tree.left, low, high, value);
    }
    if (low >= tree.low) {
      tree.right = remove(tree.right, low, high, value);
    }
    return settled(tree);
  }

  private static <T> @Nullable Node<T> joined(@Nullable Node<T> left, @Nullable Node<T> right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    if (left.priority < right.priority) {
      left.right = joined(left.right, right);
      return settled(left);
    }
    right.left = joined(left, right.left);
    return settled(right);
  }

  /** Adds to {@code found} the values of the intervals that contain {@code point}. */
  void find(long point, List<T> found) {
    find(root, point, found);
  }

  private static <T> void find(@Nullable Node<T> tree, long point, List<T> found) {
    if (tree == null || tree.highest < point) {
      return;
    }
    find(tree.left, point, found);
    if (tree.low <= point) {
      if (point <= tree.high) {
        found.add(tree.value);
      }
      find(tree.right, point, found);
    }
  }
}
