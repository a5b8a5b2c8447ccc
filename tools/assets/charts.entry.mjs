// The parts of ECharts that the pages draw with; the full library is twice as large.
import { BarChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, CanvasRenderer, GridComponent, MarkLineComponent, ScatterChart, TooltipComponent]);
window.echarts = { init };
