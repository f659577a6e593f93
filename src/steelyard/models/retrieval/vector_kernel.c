/* Search among vectors by codes of one bit a dimension, 32 vectors at a time, and a second look at 16 bits.
 *
 * vector_kernel.py says what is estimated. Eight dimensions of a vector are one byte, two tables of sixteen sums each;
 * the bytes of 32 vectors lie side by side, so that one instruction looks up one table for all of them.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,fma,f16c")))
#define AT_ONCE 32
#define MOST_TABLES 512
#define AHEAD 4

typedef struct {
    float score;
    int32_t number;
} Hit;

int64_t steelyard_can_scan(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static int is_better(Hit one, Hit other) {
    return one.score > other.score || (one.score == other.score && one.number < other.number);
}

/* Put the `k` best of `n` hits first, in no order. */
static void select_best(Hit *hits, int64_t n, int64_t k) {
    int64_t low = 0, high = n - 1;
    while (low < high) {
        const Hit pivot = hits[low + (high - low) / 2];
        int64_t left = low, right = high;
        while (left <= right) {
            while (is_better(hits[left], pivot)) left++;
            while (is_better(pivot, hits[right])) right--;
            if (left > right) break;
            const Hit swapped = hits[left];
            hits[left++] = hits[right];
            hits[right--] = swapped;
        }
        if (k <= right)
            high = right;
        else if (k >= left)
            low = left;
        else
            return;
    }
}

/* Of each four dimensions the sixteen sums of what their bits say, in 7 bits; what a step is worth, and the least sum. */
static void fill_tables(const float *query, int64_t n_tables, uint8_t *tables, float *step, float *least) {
    float lows[MOST_TABLES], widest = 0.0f, total = 0.0f;
    for (int64_t t = 0; t < n_tables; t++) {
        float low = 0.0f, width = 0.0f;
        for (int i = 0; i < 4; i++) {
            const float twice = 2.0f * query[4 * t + i];
            total -= query[4 * t + i];
            low += twice < 0.0f ? twice : 0.0f;
            width += fabsf(twice);
        }
        lows[t] = low;
        total += low;
        if (width > widest) widest = width;
    }
    *step = widest > 0.0f ? widest / 127.0f : 1.0f;
    *least = total;
    for (int64_t t = 0; t < n_tables; t++) {
        for (int bits = 0; bits < 16; bits++) {
            float sum = -lows[t];
            for (int i = 0; i < 4; i++) sum += bits >> i & 1 ? 2.0f * query[4 * t + i] : 0.0f;
            tables[16 * t + bits] = (uint8_t)(sum / *step + 0.5f);
        }
    }
}

/* Sums of 32 vectors over all tables. */
WIDE static void add_up(const uint8_t *codes, const uint8_t *tables, int64_t n_bytes, uint16_t *sums) {
    const __m256i low_bits = _mm256_set1_epi8(0x0f);
    __m256i all = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
    for (int64_t j = 0; j < n_bytes; j++) {
        const __m256i code = _mm256_loadu_si256((const __m256i *)(codes + AT_ONCE * j));
        const __m256i first = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(tables + 32 * j)));
        const __m256i second = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(tables + 32 * j + 16)));
        const __m256i one = _mm256_shuffle_epi8(first, _mm256_and_si256(code, low_bits));
        const __m256i two = _mm256_shuffle_epi8(second, _mm256_and_si256(_mm256_srli_epi16(code, 4), low_bits));
        const __m256i both = _mm256_add_epi8(one, two); /* at most 127 each */
        all = _mm256_add_epi16(all, both);
        odd = _mm256_add_epi16(odd, _mm256_srli_epi16(both, 8));
    }
    const __m256i even = _mm256_sub_epi16(all, _mm256_slli_epi16(odd, 8));
    const __m256i left = _mm256_unpacklo_epi16(even, odd), right = _mm256_unpackhi_epi16(even, odd);
    _mm_storeu_si128((__m128i *)sums, _mm256_castsi256_si128(left));
    _mm_storeu_si128((__m128i *)(sums + 8), _mm256_castsi256_si128(right));
    _mm_storeu_si128((__m128i *)(sums + 16), _mm256_extracti128_si256(left, 1));
    _mm_storeu_si128((__m128i *)(sums + 24), _mm256_extracti128_si256(right, 1));
}

/* Inner product of a vector of 16 bits with one of 32; the width is a multiple of 8. */
WIDE static float product(const uint16_t *half, const float *query, int64_t width) {
    __m256 one = _mm256_setzero_ps(), two = _mm256_setzero_ps();
    int64_t i = 0;
    for (; i + 16 <= width; i += 16) {
        const __m256i pair = _mm256_loadu_si256((const __m256i *)(half + i));
        one = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm256_castsi256_si128(pair)), _mm256_loadu_ps(query + i), one);
        two = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm256_extracti128_si256(pair, 1)), _mm256_loadu_ps(query + i + 8), two);
    }
    for (; i < width; i += 8)
        one = _mm256_fmadd_ps(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(half + i))), _mm256_loadu_ps(query + i), one);
    float sums[8], sum = 0.0f;
    _mm256_storeu_ps(sums, _mm256_add_ps(one, two));
    for (i = 0; i < 8; i++) sum += sums[i];
    return sum;
}

/* Have a vector fetched that is needed soon: those looked at lie anywhere. */
static void prefetch(const uint16_t *half, int64_t width) {
    for (int64_t i = 0; i < width; i += 32) __builtin_prefetch(half + i);
}

/* Inner products of `n` chosen vectors with a query; how many, which is fewer where a vector that is not there comes. */
WIDE int64_t steelyard_products(const uint16_t *vectors, int64_t n_vectors, int64_t width, const float *query,
                                const int64_t *chosen, int64_t n, double *products) {
    for (int64_t i = 0; i < n; i++)
        if (chosen[i] < 0 || chosen[i] >= n_vectors) return i;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) prefetch(vectors + chosen[i + AHEAD] * width, width);
        products[i] = (double)product(vectors + chosen[i] * width, query, width);
    }
    return n;
}

/* The `k` vectors of highest inner product among the `n_near` nearest by their codes, in no order; how many they are,
 * which is fewer only where numbers are none. `near` has room for 2 (n_near + 32). */
WIDE int64_t steelyard_scan(const uint8_t *codes, const float *factors, const float *offsets, int64_t n_vectors,
                            const uint16_t *vectors, int64_t width, const float *centre, const float *query,
                            int64_t n_near, int64_t k, Hit *near, int64_t *numbers, double *products) {
    const int64_t n_tables = width / 4, n_bytes = width / 8, room = 2 * n_near + 2 * AT_ONCE;
    uint8_t tables[16 * MOST_TABLES];
    float moved[4 * MOST_TABLES], step, least, floor = -INFINITY;
    for (int64_t i = 0; i < width; i++) moved[i] = query[i] - centre[i];
    fill_tables(moved, n_tables, tables, &step, &least);
    int64_t n = 0;
    for (int64_t begin = 0; begin < n_vectors; begin += AT_ONCE) {
        uint16_t sums[AT_ONCE];
        float scores[AT_ONCE];
        add_up(codes + begin * n_bytes, tables, n_bytes, sums);
        for (int i = 0; i < AT_ONCE; i++)
            scores[i] = factors[begin + i] * ((float)sums[i] * step + least) + offsets[begin + i];
        const __m256 bar = _mm256_set1_ps(floor);
        for (int part = 0; part < AT_ONCE; part += 8) {
            int above = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(scores + part), bar, _CMP_GT_OQ));
            for (; above; above &= above - 1) {
                const int i = part + __builtin_ctz(above);
                near[n++] = (Hit){scores[i], (int32_t)(begin + i)};
            }
        }
        if (n > room - AT_ONCE) {
            select_best(near, n, n_near);
            n = n_near;
            floor = near[0].score;
            for (int64_t i = 1; i < n; i++) floor = near[i].score < floor ? near[i].score : floor;
        }
    }
    if (n > n_near) {
        select_best(near, n, n_near);
        n = n_near;
    }
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) prefetch(vectors + (int64_t)near[i + AHEAD].number * width, width);
        near[i].score = product(vectors + (int64_t)near[i].number * width, query, width);
    }
    if (n > k) select_best(near, n, k);
    if (n < k) k = n;
    for (int64_t i = 0; i < k; i++) {
        numbers[i] = near[i].number;
        products[i] = (double)near[i].score;
    }
    return k;
}

#else

int64_t steelyard_can_scan(void) { return 0; }

#endif
