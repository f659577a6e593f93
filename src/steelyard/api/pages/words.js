// Every sentence of the pages, in English and Chinese side by side, and the choice between them.

const KEY = "steelyard.language";

const WORDS = {
  // both pages
  unknown: ["unknown", "未知"],
  no_price: ["no price", "无价格"],
  skip: ["Skip to content", "跳到正文"],
  shop: ["Shop", "商店"],
  decision: ["Decision", "决策"],
  promises: ["Promises", "承诺"],
  loading: ["Loading…", "加载中…"],
  retry: ["Try again", "重试"],
  close: ["Close", "关闭"],
  search_surface: ["Search", "搜索"],
  recommend_surface: ["Recommendation", "推荐"],
  searches: ["searches", "次搜索"],
  recommendations: ["recommendations", "次推荐"],
  // store front
  store_title: ["{name} · shop", "{name} · 商店"],
  search_label: ["Search the shop", "搜索商品"],
  search_hint: ["What are you looking for?", "想找什么商品？"],
  search_button: ["Search", "搜索"],
  clear_search: ["Clear", "清除"],
  try_these: ["Try", "试试"],
  results_for: ["Results for “{q}”", "“{q}”的结果"],
  n_results: ["{n} items shown", "显示 {n} 件商品"],
  all_categories: ["All", "全部"],
  filter_label: ["Narrow the results to one category", "按类目筛选结果"],
  nothing_found: ["Nothing found for “{q}”", "没有找到“{q}”"],
  nothing_found_do: ["Try fewer or more general words, or one of the examples above.", "请减少词语、换更常见的说法，或点上面的示例。"],
  for_you: ["For you", "为您推荐"],
  popular_now: ["Popular now", "大家都在买"],
  for_you_none: ["Nothing to recommend yet", "暂时没有推荐"],
  for_you_none_do: ["View a few items: the list changes at once.", "看看几件商品，推荐会立即变化。"],
  not_served: ["Not available in this shop", "当前版本未开通该功能"],
  not_served_do: ["For the operator: choose a configuration for it, then run steelyard package.", "运营者请先为该功能选定方案，再运行 steelyard package。"],
  shopper: ["Shopper", "顾客"],
  this_visitor: ["You, on this browser", "您（本浏览器）"],
  new_visitor: ["Start as a new visitor", "以新访客开始"],
  example_user: ["Shopper {n} · {items} items", "顾客 {n} · {items} 件"],
  example_known: ["From the log. Latest: {items}.", "来自日志。最近：{items}。"],
  visitor_known: ["No account needed. We remember this browser under a pseudonym; the list updates as you browse.", "无需账号。我们以假名记住本浏览器，推荐随您的浏览更新。"],
  no_personal: ["Do not personalise", "关闭个性化推荐"],
  no_personal_known: ["No history is read; events are stored without you. Everybody sees this list.", "不读取历史，事件不带身份保存。所有人看到同样的列表。"],
  add_to_cart: ["Add to basket", "加入购物车"],
  purchase: ["Buy", "购买"],
  did_add_to_cart: ["In the basket", "已加入购物车"],
  did_purchase: ["Bought", "已购买"],
  event_stored: ["{what}: {title}. {n} of {k} recommendations changed.", "{what}：{title}。{k} 条推荐中有 {n} 条变化。"],
  event_stored_plain: ["{what}: {title}.", "{what}：{title}。"],
  example_user_bought: ["Shopper {n} · {items} purchases", "顾客 {n} · 买过 {items} 件"],
  example_known_bought: ["Purchases from the log. Bought last: {items}.", "购买记录来自日志。最近购买：{items}。"],
  because_view: ["Because you viewed {title}", "因为您看过 {title}"],
  because_add_to_cart: ["Because you chose {title}", "因为您加购过 {title}"],
  because_purchase: ["Because you bought {title}", "因为您买过 {title}"],
  taste_purchase: ["Based on your purchases, such as {title}", "根据您的购买，例如 {title}"],
  bought_with_items: ["Often bought with", "经常一起购买"],
  degraded_words: ["Busy just now: only the words of your search were matched ({reason})", "当前繁忙，仅按关键词匹配（{reason}）"],
  basket: ["Basket", "购物车"],
  basket_n: ["Basket ({n})", "购物车（{n}）"],
  basket_empty: ["Nothing in it yet.", "购物车是空的。"],
  basket_total: ["Total", "合计"],
  basket_total_known: ["Total of what has a price", "有价格的商品合计"],
  one_less: ["One less", "减一件"],
  one_more: ["One more", "加一件"],
  take_out: ["Remove", "移除"],
  taken_out: ["Removed: {title}.", "已移除：{title}。"],
  undo: ["Undo", "撤销"],
  bought_all: ["Bought: {n} items. This is a demonstration: nothing is charged.", "已购买 {n} 件。仅为演示，不会扣款。"],
  departments: ["Departments", "商品分类"],
  all_products: ["All products", "全部商品"],
  n_items: ["{n} items", "{n} 件"],
  order: ["Sort", "排序"],
  order_latest: ["Latest first", "最新上架"],
  order_price_up: ["Price, lowest first", "价格从低到高"],
  order_price_down: ["Price, highest first", "价格从高到低"],
  n_sizes: ["{n} sizes", "{n} 种规格"],
  sizes: ["Sizes", "规格"],
  size_plain: ["standard", "标准"],
  a_month_a_year: ["a month · {yearly} a year", "每月 · 每年 {yearly}"],
  assumed_line: ["{share} of it is assumed, not measured or invoiced", "其中 {share} 为假设，未经实测或开票"],
  not_valid_do: ["Nothing was found against the promise. When the machine is quiet, check again: steelyard check.", "承诺并未被推翻。请在机器空闲时重新检验：steelyard check。"],
  promised_only: ["Promised: p99 {p99}, limit {limit}.", "承诺：p99 {p99}，上限 {limit}。"],
  c_per_million: ["{currency} per million", "每百万次（{currency}）"],
  left_out: ["Not in this bill", "本账单未包含"],
  more_warnings: ["{n} more", "另有 {n} 条"],
  below_chart: ["Far below the floor, drawn on the lower edge: {names}.", "远低于下限，画在下边缘：{names}。"],
  price_unknown: ["price on request", "价格待询"],
  new_badge: ["updated", "新推荐"],
  because: ["Because of your interest in {title}", "因为您关注过 {title}"],
  like_item: ["Like {title}", "与 {title} 相似"],
  taste: ["Based on your interests, such as {title}", "根据您的兴趣，例如 {title}"],
  taste_plain: ["Based on what you chose before", "根据您以往的选择"],
  matches: ["Matches: {words}", "命中：{words}"],
  meaning: ["Related to your search", "与搜索相关"],
  content: ["Similar product", "同类商品"],
  similar_items: ["Similar items", "相似商品"],
  similar_none: ["No similar items are known for this one", "暂无相似商品"],
  item_gone: ["This item is not in the catalogue", "商品库中没有这件商品"],
  item_gone_do: ["It may have been removed since the link was made. Search for it instead.", "它可能已经下架，请改用搜索。"],
  in_stock: ["{n} in stock", "库存 {n} 件"],
  out_of_stock: ["Out of stock", "缺货"],
  item_number: ["Item {id}", "编号 {id}"],
  degraded: ["Busy just now: popular items are shown instead ({reason})", "当前繁忙，暂以热门商品代替（{reason}）"],
  busy_queue_full: ["the queue is full", "队列已满"],
  busy_queue_delay: ["the queue is slow", "排队过久"],
  busy_too_slow: ["the answer came too late", "应答过慢"],
  busy_failed: ["the models failed", "模型出错"],
  busy_closed: ["the server is stopping", "服务器正在停止"],
  took: ["Took {ms}", "耗时 {ms}"],
  configuration: ["configuration {name}", "配置 {name}"],
  per_1000_line: ["{cost} per million {what}, machine cost at full load", "每百万{what}机器成本 {cost}（满负荷）"],
  why_this: ["Why this configuration", "为什么用这个配置"],
  e_unreachable: ["The server does not answer", "服务器没有应答"],
  e_unreachable_do: ["See whether “steelyard serve” is still running, then try again.", "请确认 steelyard serve 仍在运行，然后重试。"],
  e_timeout: ["The server took too long", "服务器应答超时"],
  e_timeout_do: ["It may be busy. Wait a moment, then try again.", "服务器可能繁忙，请稍后重试。"],
  e_refused: ["The server refused ({code})", "服务器拒绝了请求（{code}）"],
  e_refused_do: ["Change what is named below and try again.", "请按下面的说明修改后重试。"],
  e_read_only: ["Events cannot be stored right now", "现在无法保存事件"],
  e_read_only_do: ["Answers go on; recommendations will not change until it is mended.", "查询照常，但修好之前推荐不会变化。"],
  // the run, on both pages
  building: ["Building your shop", "正在搭建您的商店"],
  run_more: ["Watch live", "实时查看"],
  run_done: ["Your shop is ready", "商店已就绪"],
  run_done_says: ["every configuration was measured, the choice is being served", "全部配置已测量，当前提供的就是最终选定的方案"],
  run_see: ["See the decision", "查看决策"],
  run_details: ["Details", "详情"],
  run_failed: ["The run failed", "运行失败"],
  run_silent: ["No news from the run", "运行暂无消息"],
  run_silent_do: ["it may have been stopped: look at its terminal, or start steelyard run again", "可能已被停止：请查看运行它的终端，或重新执行 steelyard run"],
  updated_with: ["Updated with {names}", "已更新为 {names}"],
  do_prepare_all: ["preparing your data", "准备数据"],
  do_prepare: ["preparing {name}", "准备 {name}"],
  do_label_all: ["judging relevance", "标注相关性"],
  do_label: ["judging relevance of {name}", "标注 {name} 的相关性"],
  do_train_all: ["training models", "训练模型"],
  do_train: ["training {name}", "训练 {name}"],
  do_encode_all: ["encoding texts", "编码文本"],
  do_encode: ["encoding with {name}", "用 {name} 编码文本"],
  do_compress_all: ["compressing models", "压缩模型"],
  do_compress: ["compressing {name}", "压缩 {name}"],
  do_measure_all: ["measuring configurations", "测量配置"],
  do_measure: ["measuring {name}", "测量 {name}"],
  do_price_all: ["pricing configurations", "计算费用"],
  do_price: ["pricing {name}", "计算 {name} 的费用"],
  do_decide_all: ["choosing", "选择方案"],
  do_decide: ["choosing for {name}", "为 {name} 选择方案"],
  do_check_all: ["checking the promise", "检验承诺"],
  do_check: ["checking the promise of {name}", "检验 {name} 的承诺"],
  do_package_all: ["packing the bundle", "打包"],
  do_package: ["packing {name}", "打包 {name}"],
  do_report_all: ["writing the report", "撰写报告"],
  do_report: ["writing {name}", "撰写 {name}"],
  place_of: [" ({n} of {total})", "（{n}/{total}）"],
  rows_encode: ["{done} of {total} texts", "已编码 {done} / {total} 条文本"],
  rows_measure: ["{done} of {total} requests", "已测 {done} / {total} 个请求"],
  rows_other: ["{done} of {total}", "{done} / {total}"],
  rows_rate: [", {rate} a second", "，每秒 {rate} 条"],
  n_seconds: ["{n} s", "{n} 秒"],
  n_minutes: ["{n} min", "{n} 分钟"],
  n_hours: ["{n} h", "{n} 小时"],
  left_about: ["about {time} left", "大约还需 {time}"],
  left_moment: ["a few seconds left", "还需几秒"],
  left_unknown: ["time left not known yet", "剩余时间尚未知"],
  // decision page, before there is a decision
  weighing_for: ["Weighing configurations for {name}", "正在为 {name} 评估方案"],
  decision_coming: ["the decision is on its way to this server", "决策即将在此显示"],
  new_decision: ["Show the new decision", "显示新的决策"],
  frontier_cpu: ["Quality against processor time", "质量与处理器时间"],
  axis_cpu: ["processor ms a request", "每次请求处理器毫秒数"],
  live_says: ["Filled points: nothing measured so far is cheaper and better.", "实心点：目前没有更便宜且更好的。"],
  live_says_cpu: ["Filled points: nothing measured so far is both faster and better. Prices come once all are measured.", "实心点：目前没有更快且更好的。全部测量后再计算费用。"],
  live_label: ["{n} configurations measured so far. The same figures are in the table below.", "目前已测量 {n} 个配置。下表有同样的数据。"],
  live_none: ["None of them can be drawn yet", "尚无可画出的配置"],
  live_first: ["The first configuration appears here as soon as it is measured.", "第一个配置测量完成后会立即显示在这里。"],
  not_drawn_yet: ["Not drawn: {names}.", "未画出：{names}。"],
  measured_so_far: ["{n} measured so far, {metric}", "已测量 {n} 个，{metric}"],
  steps: ["Steps", "步骤"],
  n_of_total: ["{n} of {total}", "{n} / {total}"],
  step_prepare: ["Prepare the data", "准备数据"],
  step_label: ["Judge relevance", "标注相关性"],
  step_train: ["Train models", "训练模型"],
  step_encode: ["Encode texts", "编码文本"],
  step_compress: ["Compress models", "压缩模型"],
  step_measure: ["Measure", "测量"],
  step_price: ["Price them", "计算费用"],
  step_decide: ["Choose", "选择方案"],
  step_check: ["Check the promise", "检验承诺"],
  step_package: ["Pack the bundle", "打包"],
  step_report: ["Write the report", "撰写报告"],
  step_waiting: ["waiting", "等待中"],
  step_running: ["running", "进行中"],
  step_done: ["done", "完成"],
  step_skipped: ["skipped", "跳过"],
  skip_unchanged: ["unchanged", "未变化"],
  skip_no_time: ["no time for it", "时间不足"],
  skip_too_slow: ["too slow to win", "过慢，不可能入选"],
  skip_too_dear: ["cannot be cheaper than what is chosen already", "不可能比当前入选方案更便宜"],
  skip_too_large: ["too large", "过大"],
  skip_not_needed: ["not needed", "不需要"],
  skip_not_possible: ["not possible with this data", "现有数据无法进行"],
  // decision page
  not_built: ["Not built, since none can be cheaper than {by}, which keeps the floors for {bill} {currency} a month: {names}. The least that they can cost is {least}; their quality is taken to be at most that of the uncompressed model. steelyard run --all measures them", "未构建：{names}。其每月成本至少为 {least} {currency}，不可能低于以 {bill} 达标的 {by}；其质量按不高于未压缩模型计。steelyard run --all 可全部测量"],
  and_so: [", ", "、"],
  not_judged: ["Not judged", "未能评估"],
  decision_title: ["Decision · {name}", "决策 · {name}"],
  weighed_for: ["Recommendation for {name}", "{name} 的方案评估"],
  decided_on: ["Decided {day}", "决策日期 {day}"],
  prices_of: ["prices {book}, oldest of {day}", "价格表 {book}，最早价格 {day}"],
  measured_on: ["measured on {cpu}", "测量于 {cpu}"],
  all_surfaces: ["Total for search and recommendation", "搜索与推荐合计"],
  a_month: ["a month", "每月"],
  no_total: ["no total: a price is missing", "无合计：缺少价格"],
  run: ["Run", "采用"],
  run_rest: [": the cheapest of {n} that keep {floor} and p99 ≤ {p99} at {rps} requests a second.", "：共有 {n} 个配置达标（{floor}，每秒 {rps} 次请求时 p99 不超过 {p99}），它费用最低。"],
  run_only: [": the only one that keeps {floor} and p99 ≤ {p99} at {rps} requests a second.", "：唯一达标的配置（{floor}，每秒 {rps} 次请求时 p99 不超过 {p99}）。"],
  run_cost: ["{monthly} a month, {yearly} a year; {per} per million {what}, fully loaded.", "每月 {monthly}，每年 {yearly}；每百万{what}全成本 {per}。"],
  floor_best: ["≥ {share} of the best quality", "质量不低于最优的 {share}"],
  floor_share: ["≥ {share} of the quality of {name}", "质量不低于 {name} 的 {share}"],
  floor_value: ["a quality ≥ {value}", "质量不低于 {value}"],
  floor_none: ["every floor", "全部下限"],
  and: [" and ", "，"],
  nothing_keeps: ["Nothing keeps every floor.", "没有配置满足全部下限。"],
  nearest_is: ["Nearest: {name}.", "最接近的是 {name}。"],
  nothing_priced: ["No configuration has a complete price, so none is chosen.", "没有一个配置的价格完整，无法选择。"],
  synthetic: ["synthetic queries", "模拟查询词"],
  synthetic_says: ["Quality was measured on queries made from the catalogue, not on observed ones.", "质量用由商品库生成的模拟查询词测得，不是真实查询。"],
  quality: ["Quality", "质量"],
  frontier: ["Quality against cost", "质量与成本"],
  chart_label: ["{n} configurations by cost and quality; {chosen} is chosen. The same figures are in the table below.", "{n} 个配置的成本与质量；采用 {chosen}。下表有同样的数据。"],
  axis_monthly: ["{currency} a month, whole bill", "每月总成本（{currency}）"],
  axis_capacity: ["{currency} per million {what}, machine cost at full load", "每百万{what}机器成本，满负荷（{currency}）"],
  by_month: ["Monthly bill", "月账单"],
  by_capacity: ["Per million at full load", "每百万次（满负荷）"],
  cost_axis: ["Cost axis", "成本轴"],
  floor_line: ["floor", "下限"],
  legend_chosen: ["chosen", "采用"],
  legend_feasible: ["keeps every floor", "满足全部下限"],
  legend_loses: ["misses a floor", "未达下限"],
  legend_frontier: ["frontier: nothing is cheaper and better", "前沿：没有更便宜且更好的"],
  legend_whisker: ["95 % interval", "95% 区间"],
  judged_by: ["A configuration must clear the floor with the low end of its paired interval, not only with its mean.", "配置须以配对区间的下端达到下限，只有均值达到不够。"],
  not_on_chart: ["Not on the chart, no price: {names}.", "因无价格未画出：{names}。"],
  sentence: ["{text}.", "{text}。"],
  promise: ["Promise and check", "承诺与检验"],
  promise_line: ["Run over HTTP at {rps} requests a second, server on one core: {n} requests, {errors} errors. Limit {limit}.", "经 HTTP 以每秒 {rps} 次请求运行，服务器占一核：共 {n} 次请求，{errors} 次错误。上限 {limit}。"],
  promised: ["promised", "承诺"],
  all_promises: ["All promises that were checked", "全部已检验的承诺"],
  promises_title: ["{name} · promises", "{name} · 承诺记录"],
  promises_of: ["What was promised, and what was found · {name}", "承诺与实测 · {name}"],
  promises_says: ["Every configuration that was served at its promised rate or a part of it, newest first. Promised is what the decision said before; found is what the server then did.", "列出按承诺速率或其一部分实际服务过的每个方案，最新的在前。“承诺”是此前决策给出的数值，“实测”是服务器随后的表现。"],
  promises_none: ["No promise was checked yet", "尚未检验任何承诺"],
  promises_none_do: ["steelyard check serves the choice at the promised rate and keeps what was read; then package again.", "请运行 steelyard check：按承诺的速率提供服务并保存读数，然后重新打包。"],
  promises_none_of_it: ["No promise of it could be compared yet.", "尚无可比较的承诺。"],
  promises_marks: ["Machines: the monthly bill that was promised, and the bill computed from the processor time that the served process used. A p99 read while other programs used the machine is not compared.", "机器：承诺的月度费用，与按服务进程实际处理器时间算出的费用。机器被其他程序占用时读到的 p99 不参与比较。"],
  promised_cpu: ["Processor time a request", "每次请求处理器时间"],
  promised_p99: ["p99", "p99"],
  promised_machines: ["Machines a month", "机器月费"],
  promised_of: ["Configuration", "配置"],
  checked_at: ["Checked", "检验日期"],
  asked_at: ["Rate", "速率"],
  asked_errors: ["Requests / errors", "请求 / 错误"],
  rps: ["{n} a second", "每秒 {n} 次"],
  n_of_n: ["{k} of {n}", "{n} 次中 {k} 次"],
  within: ["within {share}", "误差不超过 {share}"],
  how_far: ["Median difference {median}, largest {largest}.", "误差中位数 {median}，最大 {largest}。"],
  too_busy: ["machine {share} busy", "机器占用 {share}"],
  measured: ["measured", "实测"],
  kept: ["Limit kept", "未超上限"],
  broken: ["Limit not kept", "超出上限"],
  not_valid: ["Not checked: machine was busy", "未能检验：机器繁忙"],
  cpu_each: ["processor time a request", "每次请求处理器时间"],
  no_promise: ["Not checked yet. “steelyard run” serves the choice at the promised rate and compares.", "尚未检验。steelyard run 会按承诺的速率运行并比较。"],
  against_plain: ["Against the plain transformer", "与普通 Transformer 相比"],
  candidates: ["All configurations", "全部配置"],
  candidates_hint: ["{n} measured. Choose a row to see why it won or lost, and its bill.", "共测量 {n} 个。点选一行，查看它入选或未入选的原因和账单。"],
  c_name: ["Configuration", "配置"],
  c_quality: ["Quality ±", "质量 ±"],
  c_versus: ["Share of reference", "相对参照"],
  c_cpu: ["CPU ms", "CPU 毫秒"],
  c_p99: ["p99 ms", "p99 毫秒"],
  c_rss: ["Memory MB", "内存 MB"],
  c_disk: ["Disk MB", "磁盘 MB"],
  c_machines: ["Machines", "机器"],
  c_monthly: ["A month", "每月"],
  c_marginal: ["Marginal", "边际"],
  c_capacity: ["At capacity", "满负荷"],
  c_loaded: ["Fully loaded", "全成本"],
  c_verdict: ["Verdict", "结论"],
  three_ways: ["Per million, three ways", "每百万次成本的三种算法"],
  marginal_says: ["Marginal: processor seconds of a request × price of a core-second. What one more request costs.", "边际：一次请求的处理器秒数 × 每核秒价格，即多一次请求的成本。"],
  capacity_says: ["At capacity: machine price ÷ the highest rate that keeps the latency limit. What a busy machine costs.", "满负荷：机器价格 ÷ 满足延迟上限的最高速率，即机器忙时的成本。"],
  loaded_says: ["Fully loaded: the whole monthly bill ÷ the month's requests, idle time, spares and people included.", "全成本：整月账单 ÷ 当月请求数，含空闲、备用机器和人力。"],
  v_chosen: ["chosen", "采用"],
  v_feasible: ["keeps the floors", "达标"],
  v_loses: ["loses", "未入选"],
  v_set_aside: ["set aside", "未参评"],
  predicted: ["predicted", "预测"],
  predicted_mark: ["~ predicted by simulation; without a mark: measured over HTTP", "~ 为模拟预测；无标记为 HTTP 实测"],
  busy_mark: ["* the machine was busy: wall times are rough", "* 测量时机器繁忙，墙钟时间仅供参考"],
  reference_mark: ["reference", "参照"],
  on_frontier: ["on the frontier", "在前沿上"],
  why_won: ["Why it was chosen", "为什么采用"],
  why_lost: ["Why it was not chosen", "为什么没有采用"],
  found_wanted: ["{what}: {found}, wanted {wanted}", "{what}：{found}，要求 {wanted}"],
  w_quality: ["quality", "质量"],
  w_quality_share: ["share of the reference's quality", "相对参照的质量"],
  w_p99: ["p99", "p99"],
  w_memory: ["memory", "内存"],
  runs_on: ["Runs on {n} × {instance}: each carries {rate} requests a second within the limit; {busy} busy at the peak.", "运行于 {n} × {instance}：每台在上限内承载每秒 {rate} 次请求，高峰利用率 {busy}。"],
  runs_nowhere: ["No machine of the price book holds it.", "价格表中没有能容纳它的机器。"],
  made_of: ["Made of", "组成"],
  bill: ["Bill for a month", "月账单"],
  b_stage: ["Stage", "阶段"],
  b_item: ["What", "项目"],
  b_quantity: ["Quantity", "数量"],
  b_price: ["Unit price", "单价"],
  b_cost: ["Cost", "成本"],
  one_off: ["this month's share of a one-off cost", "一次性成本的本月分摊"],
  price_source: ["Price: {source}, {day}", "价格：{source}，{day}"],
  why_no_price: ["No price: {source}", "无价格：{source}"],
  quantity_source: ["Quantity: {source}", "数量：{source}"],
  more_lines: ["{n} smaller lines, {cost} together", "另有 {n} 个小项，共 {cost}"],
  fewer_lines: ["Fewer lines", "收起小项"],
  show_sources: ["Show sources", "显示来源"],
  hide_sources: ["Hide sources", "隐藏来源"],
  missing_prices: ["No total: no price for {names}.", "无合计：缺少 {names} 的价格。"],
  no_bill: ["No bill: no machine can hold it.", "没有账单：没有机器能容纳它。"],
  total_bill: ["The bill", "账单"],
  by_stage: ["By stage", "按阶段"],
  by_kind: ["How sure each part is", "各部分的可靠程度"],
  by_kind_says: ["Share of the total that was measured, invoiced, quoted, assumed, or derived from a mixture of these.", "合计中由测量、发票、报价、假设及其混合推算得出的比例。"],
  k_measured: ["measured", "实测"],
  k_invoiced: ["invoiced", "发票"],
  k_quoted: ["quoted", "报价"],
  k_assumed: ["assumed", "假设"],
  k_derived: ["derived", "推算"],
  l_measured: ["M", "测"],
  l_invoiced: ["I", "票"],
  l_quoted: ["Q", "报"],
  l_assumed: ["A", "设"],
  l_derived: ["D", "推"],
  warnings: ["What to know before relying on this", "使用前须知"],
  machine: ["Where it was measured", "测量环境"],
  m_cpu_model: ["Processor", "处理器"],
  m_usable_cores: ["Cores", "核数"],
  m_cpu_flags: ["Instructions", "指令集"],
  m_memory_bytes: ["Memory", "内存"],
  m_os: ["System", "系统"],
  m_python: ["Python", "Python"],
  m_steelyard: ["Steelyard", "Steelyard"],
  m_libraries: ["Libraries", "程序库"],
  m_git_commit: ["Commit", "提交"],
  metric: ["{metric}, {n} requests", "{metric}，{n} 个请求"],
  no_decision: ["No decision in this bundle", "当前版本中没有决策"],
  no_decision_do: ["Run “steelyard run”, then package and serve again.", "请运行 steelyard run，再打包并启动服务。"],
  print: ["Print or save as PDF", "打印或存为 PDF"],
};

const STAGES = {
  data: ["data", "数据"], labelling: ["labelling", "标注"], training: ["training", "训练"], tuning: ["tuning", "调优"],
  hardware: ["hardware", "硬件"], software: ["software", "软件"], deployment: ["deployment", "部署"], serving: ["serving", "在线服务"],
  maintenance: ["maintenance", "维护"], retraining: ["retraining", "重新训练"], storage: ["storage", "存储"], bandwidth: ["bandwidth", "带宽"],
  overhead: ["overhead", "管理费用"],
};

const UNITS = {
  hour: ["hours", "小时"], GB_month: ["GB-months", "GB·月"], GB: ["GB", "GB"], person_hour: ["person-hours", "人时"],
};

let chosen = read();
let shopLanguage = "";

function read() {
  const asked = new URLSearchParams(location.search).get("language");
  if (asked === "en" || asked === "zh") return asked;
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "en" || kept === "zh") return kept;
  } catch {
    // storage may be switched off: the choice then lasts as long as the page
  }
  return "";
}

/** The reader's language: what was chosen, else the browser's where it is Chinese, else the shop's. */
export function language() {
  if (chosen) return chosen;
  if (/^zh\b/i.test(navigator.language || "") || /^zh\b/i.test(shopLanguage)) return "zh";
  return "en";
}

export function setShopLanguage(given) {
  shopLanguage = typeof given === "string" ? given : "";
}

export function setLanguage(given) {
  chosen = given === "zh" ? "zh" : "en";
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // as above
  }
}

const pick = (pair) => pair[language() === "zh" ? 1 : 0];

/** The words of `key` with `{name}` replaced by `values.name`. */
export function t(key, values = {}) {
  const pair = WORDS[key];
  if (!pair) throw new Error(`no words for ${key}`);
  return pick(pair).replace(/\{(\w+)\}/g, (_, name) => (name in values ? String(values[name]) : ""));
}

export const has = (key) => key in WORDS;
export const stage = (name) => (STAGES[name] ? pick(STAGES[name]) : name);
export const unit = (name) => (UNITS[name] ? pick(UNITS[name]) : name);

/** `name` or `name_zh` of a document, whichever suits the reader. */
export function said(document, name) {
  const own = document[`${name}_zh`];
  return language() === "zh" && own !== undefined && own !== null && own.length ? own : document[name];
}

/** Puts words into every element with `data-t`, `data-t-label` or `data-t-hint`, and marks the language switch. */
export function translate(root = document) {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-hint]")) node.setAttribute("placeholder", t(node.dataset.tHint));
  for (const node of root.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.dataset.language === language()));
}

/** Makes the language switch work; `redraw` is called after every change. */
export function switchLanguage(redraw) {
  for (const node of document.querySelectorAll("[data-language]")) {
    node.addEventListener("click", () => {
      setLanguage(node.dataset.language);
      translate();
      redraw();
    });
  }
}
