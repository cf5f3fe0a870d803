/* str_fold and its tables. */
#include <assert.h>
#include <uchar.h>

#include "common/base/arena.h"
#include "common/base/str.h"

/* What each code point of a block folds to, from the Unicode Character Database: canonical decomposition without its
 * marks, in lower case; a space for punctuation and symbols. Added by hand: letters with a stroke, hook or bar, which do
 * not decompose; letters that become two (EXPANSIONS) stand as themselves. Code points without a character stay. */
/* clang-format off */
static const char16_t LATIN[] = /* from U+00C0 */
    u"aaaaaaæceeeeiiiidnooooo ouuuuyþßaaaaaaæceeeeiiiidnooooo ouuuuyþy"
    u"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiĳĳjjkkklllllll"
    u"lllnnnnnnnŋŋooooooœœrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    u"bbbbƅƅoccddddƍeəɛffgɣƕɩikklƛɯnnoooƣƣppʀƨƨʃƪttttuuʊvyyzzʒƹƹƺƻƽƽƾƿ"
    u"ǀǁǂǃǆǆǆǉǉǉǌǌǌaaiioouuuuuuuuuueaaaaææggggkkooooʒʒjǆǆǆggƕƿnnaaææoo"
    u"aaaaeeeeiiiioooorrrruuuussttȝȝhhndȣȣzzaaeeooooooooyylntjȸȹacclts"
    u"zɂɂbuʌeejjɋɋrryy";
static const char16_t GREEK[] = /* from U+0370 */
    u"ͱͱͳͳ  ͷͷ\u0378\u0379ͺͻͼͽ ϳ\u0380\u0381\u0382\u0383  α εηι\u038Bο\u038Dυωιαβγδεζηθικλμνξοπρ\u03A2στυφχψωιυαεηι"
    u"υαβγδεζηθικλμνξοπρσστυφχψωιυουωϗϐϑϒϒϒϕϖϗϙϙϛϛϝϝϟϟϡϡϣϣϥϥϧϧϩϩϫϫϭϭϯϯ"
    u"ϰϱϲϳθϵ ϸϸϲϻϻϼͻͼͽ";
static const char16_t CYRILLIC[] = /* from U+0400 */
    u"ееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяабвгдежзииклмноп"
    u"рстуфхцчшщъыьэюяееђгєѕііјљњћкиуџѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѵѵѹѹѻѻѽѽѿѿ"
    u"ҁҁ      \u0488\u0489ҋҋҍҍҏҏггғғҕҕҗҗҙҙққҝҝҟҟҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿ"
    u"ӏжжӄӄӆӆӈӈӊӊӌӌӎӎӏааааӕӕееәәәәжжззӡӡииииооөөөөээууууууччӷӷыыӻӻӽӽӿӿ"
    u"ԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ";
static const char16_t LATIN_ADDITIONAL[] = /* from U+1E00 */
    u"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    u"mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    u"wwwwwwwwwwxxxxyyzzzzzzhtwyasssßdaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    u"eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";
static const char16_t GREEK_EXTENDED[] = /* from U+1F00 */
    u"ααααααααααααααααεεεεεε\u1F16\u1F17εεεεεε\u1F1E\u1F1Fηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιι"
    u"οοοοοο\u1F46\u1F47οοοοοο\u1F4E\u1F4Fυυυυυυυυ\u1F58υ\u1F5Aυ\u1F5Cυ\u1F5Eυωωωωωωωωωωωωωωωωααεεηηιιοουυωω\u1F7E\u1F7F"
    u"ααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωααααα\u1FB5ααααααα ι "
    u"  ηηη\u1FC5ηηεεηηη   ιιιι\u1FD4\u1FD5ιιιιιι\u1FDC   υυυυρρυυυυυυρ   \u1FF0\u1FF1ωωω\u1FF5ωωοοωωω  \u1FFF";
/* clang-format on */

typedef struct Block {
  uint32_t first;
  size_t count;
  const char16_t *folded;
} Block;

#define BLOCK(first, table)           \
  {                                   \
    first, COUNT_OF(table) - 1, table \
  }
static const Block BLOCKS[] = {
    BLOCK(0x00c0, LATIN),          BLOCK(0x0370, GREEK), BLOCK(0x0400, CYRILLIC), BLOCK(0x1e00, LATIN_ADDITIONAL),
    BLOCK(0x1f00, GREEK_EXTENDED),
};

static const struct {
  char16_t letter;
  const char *text;
} EXPANSIONS[] = {
    {u'ß', "ss"}, {u'æ', "ae"}, {u'þ', "th"}, {u'œ', "oe"}, {u'ĳ', "ij"}, {u'ǆ', "dz"}, {u'ǉ', "lj"},
    {u'ǌ', "nj"}, {u'ƕ', "hv"}, {u'ƣ', "oi"}, {u'ȸ', "db"}, {u'ȹ', "qp"}, {u'ỻ', "ll"},
};

typedef struct Range {
  uint32_t first, last;
} Range;

static bool in_ranges(uint32_t c, const Range ranges[], size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (c >= ranges[i].first && c <= ranges[i].last) return true;
  }
  return false;
}

/* Apostrophes, hyphens, combining marks, and what is not seen at all. In ascending order. */
static bool is_dropped(uint32_t c)
{
  static const Range DROPPED[] = {
      {'\'', '\''},     {'-', '-'},       {'`', '`'},       {0x00ad, 0x00ad}, {0x00b4, 0x00b4},
      {0x02b9, 0x02bd}, {0x02c8, 0x02c8}, {0x0300, 0x036f}, {0x0483, 0x0489}, {0x05be, 0x05be},
      {0x05f3, 0x05f3}, {0x200b, 0x2015}, {0x2018, 0x201b}, {0x202a, 0x202e}, {0x2032, 0x2032},
      {0x2060, 0x2064}, {0x2212, 0x2212}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
  };
  return in_ranges(c, DROPPED, COUNT_OF(DROPPED));
}

/* White space and punctuation, ASCII and the blocks of the tables apart. */
static bool is_space(uint32_t c)
{
  static const Range SPACES[] = {
      {0x0080, 0x00a9}, {0x00ab, 0x00b4}, {0x00b6, 0x00b9}, {0x00bb, 0x00bf}, {0x055a, 0x055f},
      {0x05c0, 0x05c0}, {0x05c3, 0x05c3}, {0x05f4, 0x05f4}, {0x060c, 0x060d}, {0x061b, 0x061b},
      {0x061f, 0x061f}, {0x066a, 0x066d}, {0x06d4, 0x06d4}, {0x0964, 0x0965}, {0x1680, 0x1680},
      {0x2000, 0x2070}, {0x20a0, 0x20cf}, {0x2190, 0x23ff}, {0x3000, 0x3004}, {0x3008, 0x3020},
      {0x30fb, 0x30fb}, {0xff01, 0xff0f}, {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65},
  };
  return in_ranges(c, SPACES, COUNT_OF(SPACES));
}

/* One code point in the form that is compared: 0 to leave it out, ' ' for a gap. */
static uint32_t fold(uint32_t c)
{
  if (c >= 'a' && c <= 'z') return c;
  if (c >= 'A' && c <= 'Z') return c + ('a' - 'A');
  if (c >= '0' && c <= '9') return c;
  if (is_dropped(c)) return 0;
  if (c < 0x80) return ' ';
  for (size_t i = 0; i < COUNT_OF(BLOCKS); i++) {
    uint32_t index = c - BLOCKS[i].first;
    if (c >= BLOCKS[i].first && index < BLOCKS[i].count) return BLOCKS[i].folded[index];
  }
  if (is_space(c)) return ' ';
  if (c == 0x00aa) return 'a';
  if (c == 0x00ba) return 'o';
  if (c == 0x00b5) return u'μ'; /* the sign micro */
  return c;
}

static size_t put(uint32_t c, char *out)
{
  if (c < 0x80) {
    *out = (char)c;
    return 1;
  }
  for (size_t i = 0; i < COUNT_OF(EXPANSIONS); i++) {
    if (c != EXPANSIONS[i].letter) continue;
    memcpy(out, EXPANSIONS[i].text, 2);
    return 2;
  }
  return utf8_encode(c, out);
}

Str str_fold(Arena *arena, Str s)
{
  /* No folded form is longer than the letter; only a malformed byte grows, to U+FFFD. */
  size_t room = utf8_valid(s) ? s.len : s.len * 3, len = 0;
  char *out = arena_alloc(arena, room + 4);
  bool gap = false;
  uint32_t c;
  for (size_t at = 0; utf8_next(s, &at, &c);) {
    c = fold(c);
    if (c == ' ') gap = true;
    if (c == 0 || c == ' ') continue;
    if (gap && len > 0) out[len++] = ' ';
    gap = false;
    len += put(c, out + len);
  }
  assert(len <= room);
  return (Str){out, len};
}
