"""What a flow is: releases, twin, inspection, ingestion, cleaning, split."""
